using Messaging.Amqp.Framing;
using Messaging.Tests.Security;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Logging in with PLAIN and ANONYMOUS, and the secrets that nobody may see.</summary>
public sealed class SaslTests
{
    private const string Password = "pA55-w0rd!";

    [Fact]
    public async Task Plain_OnClearText_IsRefusedAndNamesTheOption()
    {
        await using RawServer server = await RawServer.ListenAsync(tcp: true);
        Task<IConnection> connecting = server.Client.ConnectAsync(new ConnectionOptions { Url = server.Url, User = "alice", Password = Password }, BoundedWaits.Stop).AsTask();
        RawPeer peer = await server.AcceptAsync();
        await peer.ReadAsync<string>();
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.SendSaslAsync(new SaslMechanisms { Mechanisms = ["PLAIN", "ANONYMOUS"] });

        SaslException exception = await connecting.Throws<SaslException>();

        Assert.Contains("AllowInsecureMechanisms", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
        Assert.Empty(await peer.ReadToEndAsync());
        await peer.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Plain_RightAndWrongPassword_WithAListener(bool right)
    {
        var log = new LogCapture();
        var options = new ListenerOptions
        {
            AllowAnonymous = false,
            AllowInsecureMechanisms = true,
            AuthenticatePlain = (user, password, _) => new ValueTask<bool>(user == "alice" && password == Password),
        };
        await using TestPair pair = await TestPair.ListenAsync(options, new MessagingClientOptions { LoggerFactory = log }, tcp: true);
        string password = right ? Password : "wr0ng-" + Password;
        string url = pair.Listener.Url.Replace("amqp://", $"amqp://alice:{Uri.EscapeDataString(password)}@", StringComparison.Ordinal);
        Task<IConnection> connecting = pair.Client.ConnectAsync(new ConnectionOptions { Url = url, AllowInsecureMechanisms = true }, BoundedWaits.Stop).AsTask();

        if (right)
        {
            IIncomingConnection incoming = await pair.NextConnectionAsync();
            Assert.Equal(("alice", "PLAIN"), (incoming.Identity, incoming.SaslMechanism));
            IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();
            await (await connecting.Bounded()).CloseAsync(BoundedWaits.Stop).Bounded();
            await accepted.DisposeAsync();
        }
        else
        {
            SaslException exception = await connecting.Throws<SaslException>();
            Assert.False(exception.IsTransient);
            Assert.Contains("alice", exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
        }

        await pair.Listener.CloseAsync(BoundedWaits.Stop).Bounded();
        Assert.NotEmpty(log.Lines);
        string plain = Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(Password));
        foreach ((_, _, string text) in log.Lines)
        {
            Assert.DoesNotContain(Password, text, StringComparison.Ordinal);
            Assert.DoesNotContain(Uri.EscapeDataString(Password), text, StringComparison.Ordinal);
            Assert.DoesNotContain(plain, text, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public async Task Outcome_Failure_IsASaslException(byte outcome, bool transient)
    {
        await using RawServer server = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(
            new ConnectionOptions { Url = server.Url, User = "bob", Password = Password, Reconnect = false }, BoundedWaits.Stop).AsTask();
        RawPeer peer = await server.AcceptAsync();

        SaslInit init = await peer.LogInAsServerAsync("PLAIN", outcome);

        Assert.Equal($"\0bob\0{Password}", System.Text.Encoding.UTF8.GetString(init.InitialResponse!));
        SaslException exception = await connecting.Throws<SaslException>();
        Assert.Equal(transient, exception.IsTransient);
        Assert.Contains("'bob'", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Mechanisms_NoneInCommon_SaysWhy()
    {
        await using RawServer server = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(new ConnectionOptions { Url = server.Url }, BoundedWaits.Stop).AsTask();
        RawPeer peer = await server.AcceptAsync();
        await peer.ReadAsync<string>();
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.SendSaslAsync(new SaslMechanisms { Mechanisms = ["PLAIN"] });

        SaslException exception = await connecting.Throws<SaslException>();

        Assert.Contains("PLAIN needs a user", exception.Message, StringComparison.Ordinal);
        await peer.DisposeAsync();
    }

    [Fact]
    public async Task Anonymous_NotAllowed_IsRefusedWithAndWithoutTheSaslLayer()
    {
        var options = new ListenerOptions { AllowAnonymous = false, AuthenticatePlain = (_, _, _) => new ValueTask<bool>(true) };
        await using TestPair pair = await TestPair.ListenAsync(options);

        await pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false }, BoundedWaits.Stop).Throws<SaslException, IConnection>();
        MessagingConnectionException exception = await pair.Client.ConnectAsync(
            new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false, SaslEnabled = false }, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.Contains("AMQP 3 1.0.0", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, ListenerOptions> WithALogin => new()
    {
        { "mechanisms", new ListenerOptions { AllowedMechanisms = ["SCRAM-SHA-256"], Users = new InMemoryUserStore(4096), AllowAnonymous = true } },
        { "users", new ListenerOptions { Users = new InMemoryUserStore(4096) } },
        { "plain", new ListenerOptions { AuthenticatePlain = (_, _, _) => new ValueTask<bool>(true) } },
        { "token", new ListenerOptions { AuthenticateToken = (_, _) => new ValueTask<string?>("a") } },
        { "kerberos", new ListenerOptions { AllowKerberos = true } },
        { "own", new ListenerOptions { CustomMechanisms = [new ScriptedServerMechanism()] } },
        { "own anonymous", new ListenerOptions { CustomMechanisms = [new ScriptedServerMechanism { Name = "ANONYMOUS" }], AllowAnonymous = true } },
    };

    /// <summary>No SASL layer means the same as ANONYMOUS, and is no way around a listener that does not offer that.</summary>
    [Theory]
    [MemberData(nameof(WithALogin))]
    public async Task WithoutSasl_ALoginIsWanted_IsRefused(string what, ListenerOptions options)
    {
        await using TestPair pair = await TestPair.ListenAsync(options);

        MessagingConnectionException exception = await pair.Client.ConnectAsync(
            new ConnectionOptions { Url = pair.Listener.Url, Reconnect = false, SaslEnabled = false }, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.True(exception.Message.Contains("AMQP 3 1.0.0", StringComparison.Ordinal), what);
    }

    [Fact]
    public async Task WithoutSasl_AnonymousAllowed_IsLetIn()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        ValueTask<IConnection> connecting = pair.Client.ConnectAsync(new ConnectionOptions { Url = pair.Listener.Url, SaslEnabled = false }, BoundedWaits.Stop);

        IIncomingConnection incoming = await pair.NextConnectionAsync();

        Assert.Equal("anonymous", incoming.Identity);
        Assert.Null(incoming.SaslMechanism);
        IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();
        await connecting.Bounded();
        await accepted.DisposeAsync();
    }

    [Theory]
    [InlineData(false, SaslFailure.ServerFault)]
    [InlineData(true, SaslFailure.ServerUnavailable)]
    public async Task Authenticator_Throws_PassesOnlyIfItSaysSo(bool isTransient, SaslFailure failure)
    {
        Exception thrown = isTransient ? new SaslException(SaslFailure.ServerUnavailable, "database") : new InvalidDataException("database");
        var options = new ListenerOptions { AllowAnonymous = false, AuthenticatePlain = (_, _, _) => throw thrown };
        await using TestPair pair = await TestPair.ListenAsync(options);

        SaslException exception = await pair.Client.ConnectAsync(
            new ConnectionOptions { Url = pair.Listener.Url, User = "a", Password = "b", Reconnect = false }, BoundedWaits.Stop).Throws<SaslException, IConnection>();

        Assert.Equal((failure, isTransient), (exception.Failure, exception.IsTransient));
        Assert.DoesNotContain("database", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Authenticator_PeerLeaves_IsCancelled()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new ListenerOptions
        {
            AllowAnonymous = false,
            AuthenticatePlain = async (_, _, token) =>
            {
                token.Register(() => cancelled.TrySetResult());
                started.TrySetResult();
                await cancelled.Task;
                return false;
            },
            HandshakeTimeout = TimeSpan.FromSeconds(5),
        };
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        await using TestPair pair = await TestPair.ListenAsync(options, new MessagingClientOptions { TimeProvider = time });
        RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.SendSaslAsync(new SaslInit { Mechanism = "PLAIN", InitialResponse = "\0a\0b"u8.ToArray() });
        await started.Task.Bounded();

        await time.PassUntilAsync(cancelled.Task, TimeSpan.FromSeconds(5));

        await peer.DisposeAsync();
    }
}
