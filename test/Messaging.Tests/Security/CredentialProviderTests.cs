using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Security;

public sealed class CredentialProviderTests
{
    [Fact]
    public async Task Refused_IsAskedOnceMore_ThenTheErrorIsFinal()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        var asked = new List<bool>();
        ConnectionOptions options = Options(sasl, request =>
        {
            asked.Add(request.WereRefused);
            return new SaslCredentials { User = SaslTesting.User, Password = "wrong" };
        });
        options.Reconnect = true;

        SaslException exception = await sasl.RefusedAsync(options);

        Assert.Equal(SaslFailure.CredentialsRefused, exception.Failure);
        Assert.Equal([false, true], asked);
    }

    [Fact]
    public async Task Refused_WithBetterOnesAtTheSecondAsking_LogsIn()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        ConnectionOptions options = Options(sasl, request => new SaslCredentials { User = SaslTesting.User, Password = request.WereRefused ? SaslTesting.Password : "rotated" });

        Assert.Equal((SaslTesting.User, "SCRAM-SHA-512"), await sasl.LogInAsync(options));
    }

    [Fact]
    public async Task Provider_WinsOverOptionsAndUrl_AndSeesTheUrl()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        CredentialRequest? seen = null;
        ConnectionOptions options = Options(sasl, request =>
        {
            seen = request;
            return new SaslCredentials { User = SaslTesting.User, Password = SaslTesting.Password };
        });
        options.Url = sasl.Url.Replace("amqp://", "amqp://url-user:url-password@", StringComparison.Ordinal);
        (options.User, options.Password) = ("option-user", "option-password");

        Assert.Equal(SaslTesting.User, (await sasl.LogInAsync(options)).Identity);
        Assert.Equal("url-user", seen!.Url.User);
        Assert.False(seen.WereRefused);
    }

    [Fact]
    public async Task Null_LogsInWithoutAny()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();

        Assert.Equal(("anonymous", "ANONYMOUS"), await sasl.LogInAsync(Options(sasl, _ => null)));
    }

    [Fact]
    public async Task Throws_AfterTheAttemptWasCancelled_ShowsNothingOfIt()
    {
        using var cancel = new CancellationTokenSource();
        var options = new ConnectionOptions
        {
            CredentialProvider = CredentialProvider.Create((_, _) =>
            {
                cancel.Cancel();
                throw new InvalidDataException("the secret is s3cret");
            }),
        };

        SaslException exception = await new Messaging.Security.CredentialSource(options, TimeProvider.System).GetAsync(default, wereRefused: false, cancel.Token).Throws<SaslException, SaslCredentials?>();

        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Throws_IsATransientErrorWithoutItsText()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();

        SaslException exception = await sasl.RefusedAsync(Options(sasl, _ => throw new InvalidDataException("the secret is s3cret")));

        Assert.Equal((SaslFailure.CredentialsUnavailable, true), (exception.Failure, exception.IsTransient));
        Assert.Contains("InvalidDataException", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ThrowsOurOwn_IsPassedOnByItsKind()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        var own = new SaslException(SaslFailure.CredentialsUnavailable, "the account is locked", isTransient: false);
        ConnectionOptions options = Options(sasl, _ => throw own);
        options.Reconnect = true; // not tried again, because it is not transient

        Assert.Same(own, await sasl.RefusedAsync(options));
    }

    [Fact]
    public async Task Fails_IsAskedAgainAtTheNextAttempt()
    {
        var time = new FakeTimeProvider();
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => (options.HandshakeTimeout, options.IdleTimeout) = (Timeout.InfiniteTimeSpan, TimeSpan.Zero), time);
        int asked = 0;
        ConnectionOptions options = Options(sasl, _ => ++asked < 3 ? throw new TimeoutException() : new SaslCredentials { User = SaslTesting.User, Password = SaslTesting.Password });
        (options.Reconnect, options.ConnectTimeout, options.HandshakeTimeout, options.IdleTimeout) = (true, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan, TimeSpan.Zero);

        Task<(string Identity, string? Mechanism)> login = sasl.LogInAsync(options);
        await time.PassUntilAsync(login, TimeSpan.FromMilliseconds(100));

        Assert.Equal(SaslTesting.User, (await login).Identity);
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task ConnectionLost_IsAskedAgain_AndTheRotatedPasswordLogsIn()
    {
        var users = new InMemoryUserStore(4096);
        users.Add("alice", "first");
        await using TestPair pair = await TestPair.ListenAsync(new ListenerOptions { Users = users });
        string password = "first";
        var asked = new ConcurrentQueue<CredentialRequest>();
        var options = new ConnectionOptions
        {
            Url = pair.Listener.Url,
            CredentialProvider = CredentialProvider.Create((request, _) =>
            {
                asked.Enqueue(request);
                return new ValueTask<SaslCredentials?>(new SaslCredentials { User = "alice", Password = Volatile.Read(ref password) });
            }),
        };
        Task<IConnection> connecting = pair.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        IConnection first = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await using IConnection connection = await connecting.Bounded();
        users.Add("alice", "second");
        Volatile.Write(ref password, "second");

        await first.CloseAsync(new AmqpError(ErrorCondition.ConnectionForced, "restart"), BoundedWaits.Stop).Bounded();
        IIncomingConnection again = await pair.NextConnectionAsync();
        await using IConnection second = await again.AcceptAsync(BoundedWaits.Stop).Bounded();
        await BoundedWaits.UntilAsync(() => connection.State == ConnectionState.Connected);

        Assert.Equal("alice", again.Identity);
        Assert.Equal([false, false], asked.Select(static request => request.WereRefused));
    }

    [Fact]
    public async Task Cancelled_StopsAsking()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync();
        using var stop = new CancellationTokenSource();
        var options = new ConnectionOptions
        {
            Url = sasl.Url,
            CredentialProvider = CredentialProvider.Create(async (_, token) =>
            {
                await stop.CancelAsync();
                token.ThrowIfCancellationRequested();
                return null;
            }),
        };

        await sasl.Client.ConnectAsync(options, stop.Token).AsTask().ThrowsAny<OperationCanceledException>();
    }

    [Fact]
    public async Task Hangs_IsGivenUpAfterOperationTimeout()
    {
        var time = new FakeTimeProvider();
        await using SaslTesting sasl = await SaslTesting.ListenAsync(time: time);
        var never = new TaskCompletionSource<SaslCredentials?>();
        var options = new ConnectionOptions { Url = sasl.Url, Reconnect = false, ConnectTimeout = Timeout.InfiniteTimeSpan, CredentialProvider = CredentialProvider.Create((_, _) => new ValueTask<SaslCredentials?>(never.Task)) };

        Task<IConnection> connecting = sasl.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        await time.PassUntilAsync(connecting, TimeSpan.FromSeconds(5));

        SaslException exception = await connecting.Throws<SaslException>();
        Assert.Equal((SaslFailure.CredentialsUnavailable, true), (exception.Failure, exception.IsTransient));
        Assert.Contains("OperationTimeout", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task ServerFault_IsNotAskedAgain(byte outcome)
    {
        await using RawServer server = await RawServer.ListenAsync();
        int asked = 0;
        Task<IConnection> connecting = server.Client.ConnectAsync(
            new ConnectionOptions
            {
                Url = server.Url,
                CredentialProvider = CredentialProvider.Create((_, _) =>
                {
                    asked++;
                    return new ValueTask<SaslCredentials?>(new SaslCredentials { User = "a", Password = "b" });
                }),
            },
            BoundedWaits.Stop).AsTask();
        await using RawPeer peer = await server.AcceptAsync();
        await peer.LogInAsServerAsync("PLAIN", outcome);

        SaslException exception = await connecting.Throws<SaslException>();

        Assert.Equal((SaslFailure.ServerFault, 1), (exception.Failure, asked));
    }

    private static ConnectionOptions Options(SaslTesting sasl, Func<CredentialRequest, SaslCredentials?> get) => new()
    {
        Url = sasl.Url,
        Reconnect = false,
        CredentialProvider = CredentialProvider.Create((request, _) => new ValueTask<SaslCredentials?>(get(request))),
    };
}
