using System.Text;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Security;

/// <summary>What a server may do to our client during the login. In no case does an open go out.</summary>
public sealed class ScriptedServerTests
{
    private const string Password = "pencil-pA55";

    [Theory]
    [InlineData("v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", null)] // wrong signature in a challenge
    [InlineData(null, "v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")] // in the outcome
    [InlineData(null, null)] // no signature at all
    [InlineData(null, "")]
    public async Task Scram_ServerDoesNotKnowThePassword_IsDroppedWithoutAnOpen(string? challenge, string? additionalData)
    {
        await using Login login = await Login.BeginAsync("SCRAM-SHA-256");
        string nonce = (await login.InitAsync()).Split("r=")[1];
        await login.ChallengeAsync($"r={nonce}more,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096");
        await login.Peer.ReadAsync<SaslResponse>();

        if (challenge is not null)
            await login.ChallengeAsync(challenge);
        else
            await login.Peer.SendSaslAsync(new SaslOutcome { Code = 0, AdditionalData = additionalData is null ? null : Encoding.UTF8.GetBytes(additionalData) });

        await login.FailsAsync(SaslFailure.ServerNotAuthentic, isTransient: false);
    }

    [Theory]
    [InlineData("r=NONCE,s=W22Z,i=4096", SaslFailure.ServerNotAuthentic)] // not longer than ours
    [InlineData("r=other,s=W22Z,i=4096", SaslFailure.ServerNotAuthentic)]
    [InlineData("r=NONCEmore,s=W22Z,i=100000000", SaslFailure.ProtocolViolation)]
    [InlineData("r=NONCEmore,s=W22Z,i=1", SaslFailure.ProtocolViolation)]
    [InlineData("e=invalid-encoding", SaslFailure.ServerFault)]
    public async Task Scram_ChallengeWrong_IsDroppedWithoutAnAnswer(string challenge, SaslFailure failure)
    {
        await using Login login = await Login.BeginAsync("SCRAM-SHA-256");
        string nonce = (await login.InitAsync()).Split("r=")[1];

        await login.ChallengeAsync(challenge.Replace("NONCE", nonce, StringComparison.Ordinal));

        Assert.Empty(await login.FailsAsync(failure, isTransient: false));
    }

    [Fact]
    public async Task Scram_OutcomeBeforeTheProof_IsDropped()
    {
        await using Login login = await Login.BeginAsync("SCRAM-SHA-256");
        await login.InitAsync();

        await login.Peer.SendSaslAsync(new SaslOutcome { Code = 0 });

        await login.FailsAsync(SaslFailure.ServerNotAuthentic, isTransient: false);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("PLAIN ANONYMOUS")]
    [InlineData("OAUTHBEARER XOAUTH2")]
    public async Task ClearText_OnlyMechanismsThatShowTheSecret_NothingIsSent(string offered)
    {
        await using Login login = await Login.BeginAsync(offered, options => options.AllowInsecureMechanisms = false, tcp: true);

        List<object> frames = await login.FailsAsync(SaslFailure.NoCommonMechanism, isTransient: false, says: "AllowInsecureMechanisms");

        Assert.Empty(frames);
    }

    [Fact]
    public async Task Anonymous_Challenge_IsAViolation()
    {
        await using Login login = await Login.BeginAsync("ANONYMOUS", options => options.User = options.Password = null);
        await login.InitAsync();

        await login.ChallengeAsync("who are you?");

        await login.FailsAsync(SaslFailure.ProtocolViolation, isTransient: false, says: "ANONYMOUS");
    }

    [Fact]
    public async Task Challenges_WithoutEnd_AreCutOff()
    {
        int disposed = 0;
        var endless = new ScriptedMechanism { OnRespond = (_, _) => new ValueTask<byte[]>([1]), OnDispose = () => disposed++ };
        await using (Login login = await Login.BeginAsync("X-SCRIPT", options => options.CustomMechanisms = [endless]))
        {
            await login.InitAsync();

            for (int i = 0; i < Messaging.Security.SaslExchange.MaxSteps; i++)
            {
                await login.ChallengeAsync("more");
                if (i < Messaging.Security.SaslExchange.MaxSteps - 1)
                    await login.Peer.ReadAsync<SaslResponse>();
            }

            await login.FailsAsync(SaslFailure.ProtocolViolation, isTransient: false, says: "20 steps");
            await BoundedWaits.UntilAsync(() => Volatile.Read(ref disposed) > 0);
        }

        Assert.Equal(1, disposed);
    }

    public static IEnumerable<TheoryDataRow<byte[]>> Violations =>
    [
        new(RawPeer.Frame(new SaslOutcome { Code = 0 }, type: FrameHeader.SaslType)) { Label = "outcome before init" },
        new(RawPeer.Frame(new SaslMechanisms { Mechanisms = ["PLAIN"] }, type: FrameHeader.SaslType)) { Label = "mechanisms twice" },
        new(RawPeer.Frame(new SaslChallenge { Challenge = [1] }, type: FrameHeader.SaslType)) { Label = "challenge before init" },
        new(RawPeer.Frame(new SaslInit { Mechanism = "PLAIN" }, type: FrameHeader.SaslType)) { Label = "init from a server" },
        new(RawPeer.Frame(new SaslResponse { Response = [1] }, type: FrameHeader.SaslType)) { Label = "response from a server" },
        new(RawPeer.Frame(new Open { ContainerId = "evil" })) { Label = "AMQP frame" },
        new(RawPeer.Frame(new Open { ContainerId = "evil" }, type: FrameHeader.SaslType)) { Label = "open in a SASL frame" },
        new([0, 0, 0, 8, 2, 1, 0, 0]) { Label = "empty frame" },
        new([0, 0, 0x20, 0x01, 2, 1, 0, 0]) { Label = "frame of 8,193 bytes" },
        new([0xFF, 0xFF, 0xFF, 0xFF, 2, 1, 0, 0]) { Label = "frame of 2^32-1 bytes" },
        new(FrameWriter.AmqpHeader.ToArray()) { Label = "AMQP header" },
        new("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray()) { Label = "garbage" },
    ];

    /// <summary>The mechanism waits in its first step, so that the frame comes when nothing may come.</summary>
    [Theory]
    [MemberData(nameof(Violations))]
    public async Task Frames_OutOfOrderOrOversized_EndTheLogin(byte[] bytes)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new ScriptedMechanism { OnStart = token => WaitAsync(started, cancelled, token) };
        await using Login login = await Login.BeginAsync("X-SCRIPT", options => options.CustomMechanisms = [waiting]);
        await started.Task.Bounded();

        await login.Peer.SendRawAsync(bytes);

        Assert.Empty(await login.FailsAsync(SaslFailure.ProtocolViolation, isTransient: false, says: login.Url));
        await cancelled.Task.Bounded(); // the step that still runs hears of it
    }

    [Theory]
    [InlineData(1, SaslFailure.CredentialsRefused, false)]
    [InlineData(2, SaslFailure.ServerFault, false)]
    [InlineData(3, SaslFailure.ServerFault, false)]
    [InlineData(4, SaslFailure.ServerUnavailable, true)]
    [InlineData(200, SaslFailure.ServerFault, false)]
    public async Task Outcome_Failure_HasItsKind(byte code, SaslFailure failure, bool isTransient)
    {
        await using Login login = await Login.BeginAsync("PLAIN");
        await login.InitAsync();

        await login.Peer.SendSaslAsync(new SaslOutcome { Code = code });

        await login.FailsAsync(failure, isTransient, says: $"outcome {code}");
    }

    [Fact]
    public async Task Mechanisms_Empty_SaysSo()
    {
        await using Login login = await Login.BeginAsync("");

        await login.FailsAsync(SaslFailure.NoCommonMechanism, isTransient: false, says: "no mechanism");
    }

    /// <summary>One attempt has a time of its own, whatever the peer stops at: 15 seconds.</summary>
    [Theory]
    [InlineData("connected", false)]
    [InlineData("header", true)]
    [InlineData("mechanisms", true)]
    [InlineData("half a frame", true)]
    [InlineData("challenge", true)]
    [InlineData("outcome", false)]
    public async Task Stall_AtAnyStage_EndsTheAttempt(string stage, bool isSasl)
    {
        var time = new FakeTimeProvider();
        var log = new LogCapture();
        await using RawServer server = await RawServer.ListenAsync(new MessagingClientOptions { TimeProvider = time, LoggerFactory = log });
        Task<IConnection> connecting = server.Client.ConnectAsync(
            new ConnectionOptions { Url = server.Url, User = "user", Password = Password, Reconnect = false, ConnectTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.Zero },
            BoundedWaits.Stop).AsTask();
        await using RawPeer peer = await server.AcceptAsync();
        Assert.Equal("SASL", await peer.ReadAsync<string>());
        await GoAsync(peer, stage);
        await BoundedWaits.UntilAsync(() => !isSasl || log.Lines.Any(line => line.Text.Contains("<- 0 AMQP 3 ", StringComparison.Ordinal))); // the client has read that far
        DateTimeOffset start = time.GetUtcNow();
        time.Advance(TimeSpan.FromSeconds(14));
        await peer.SendRawAsync(stage == "half a frame" ? new byte[] { 0 } : Array.Empty<byte>()); // a byte now and then does not help

        await time.PassUntilAsync(connecting, TimeSpan.FromMilliseconds(500));

        MessagingException exception = await connecting.ThrowsAny<MessagingException>();
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(15)); // by the clock: an end at 14 seconds would not have shown at once
        Assert.True(exception.IsTransient);
        Assert.Contains("00:00:15", exception.Message, StringComparison.Ordinal);
        Assert.Equal(isSasl ? SaslFailure.Timeout : null, (exception as SaslException)?.Failure);
    }

    private static async Task GoAsync(RawPeer peer, string stage)
    {
        string[] stages = ["connected", "header", "mechanisms", "challenge", "outcome"];
        int last = stage == "half a frame" ? 1 : Array.IndexOf(stages, stage);
        if (last >= 1)
            await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        if (stage == "half a frame")
            await peer.SendRawAsync(new byte[] { 0, 0, 0 });
        if (last >= 2)
            await peer.SendSaslAsync(new SaslMechanisms { Mechanisms = [last == 3 ? "SCRAM-SHA-256" : "PLAIN"] });
        if (last >= 2)
            await peer.ReadAsync<SaslInit>();
        if (last == 4)
        {
            await peer.SendSaslAsync(new SaslOutcome { Code = 0 });
            await peer.ReadAsync<string>();
            await peer.ReadAsync<Open>();
        }
    }

    private static async ValueTask<byte[]?> WaitAsync(TaskCompletionSource started, TaskCompletionSource cancelled, CancellationToken token)
    {
        token.Register(() => cancelled.TrySetResult());
        started.TrySetResult();
        await cancelled.Task;
        return [];
    }

    /// <summary>A client that logs in at a server whose every frame the test sends.</summary>
    private sealed class Login(RawServer server, RawPeer peer, Task<IConnection> connecting) : IAsyncDisposable
    {
        public RawPeer Peer => peer;

        public string Url => server.Url;

        public static async Task<Login> BeginAsync(string offered, Action<ConnectionOptions>? change = null, bool tcp = false)
        {
            RawServer server = await RawServer.ListenAsync(tcp: tcp);
            var options = new ConnectionOptions { Url = server.Url, User = "user", Password = Password, Reconnect = false, AllowInsecureMechanisms = true };
            change?.Invoke(options);
            Task<IConnection> connecting = server.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
            RawPeer peer = await server.AcceptAsync();
            Assert.Equal("SASL", await peer.ReadAsync<string>());
            await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
            await peer.SendSaslAsync(new SaslMechanisms { Mechanisms = [.. offered.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => new Symbol(name))] });
            return new Login(server, peer, connecting);
        }

        public async Task<string> InitAsync() => Encoding.UTF8.GetString((await peer.ReadAsync<SaslInit>()).InitialResponse ?? []);

        public Task ChallengeAsync(string text) => peer.SendSaslAsync(new SaslChallenge { Challenge = Encoding.UTF8.GetBytes(text) });

        /// <returns>What the client has sent since.</returns>
        public async Task<List<object>> FailsAsync(SaslFailure failure, bool isTransient, string? says = null)
        {
            SaslException exception = await connecting.Throws<SaslException>();
            Assert.Equal((failure, isTransient), (exception.Failure, exception.IsTransient));
            Assert.Contains(says ?? "", exception.Message, StringComparison.Ordinal);
            Assert.Contains(server.Url, exception.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, exception.ToString(), StringComparison.Ordinal);
            List<object> frames = await peer.ReadToEndAsync();
            Assert.DoesNotContain(frames, frame => frame is Open or "AMQP");
            return frames;
        }

        public async ValueTask DisposeAsync()
        {
            await peer.DisposeAsync();
            await server.DisposeAsync();
        }
    }
}
