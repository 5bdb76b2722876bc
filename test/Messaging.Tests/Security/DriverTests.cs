using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Loop;
using Messaging.Security;
using Messaging.Tests.Support;
using Messaging.Transport;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Security;

/// <summary>How the two drivers run mechanisms of any kind: off the loop, to the end, and never beyond it.</summary>
public sealed class DriverTests
{
    [Fact]
    public async Task Custom_BothSides_LogInAndAreDisposedOnce()
    {
        int disposed = 0;
        var client = new ScriptedMechanism
        {
            OnStart = _ => new ValueTask<byte[]?>((byte[]?)null),
            OnRespond = (challenge, _) => new ValueTask<byte[]>([(byte)(challenge.Span[0] + 1)]),
            OnDispose = () => Interlocked.Increment(ref disposed),
        };
        var server = new ScriptedServerMechanism
        {
            OnStep = (response, _) => new ValueTask<SaslServerStep>(response switch
            {
                null => SaslServerStep.Challenge(new byte[] { 41 }),
                { Span: [42] } => SaslServerStep.Success("custom"),
                _ => SaslServerStep.Refused(),
            }),
            OnDispose = () => Interlocked.Increment(ref disposed),
        };
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.CustomMechanisms = [server]);
        ConnectionOptions options = sasl.Options(null);
        (options.CustomMechanisms, options.VirtualHost) = ([client], "virtual.example");

        Assert.Equal(("custom", "X-SCRIPT"), await sasl.LogInAsync(options));
        await BoundedWaits.UntilAsync(() => Volatile.Read(ref disposed) == 2);
        Assert.Equal("virtual.example", server.Context!.Hostname);
        Assert.Equal("X-SCRIPT", server.Context.OfferedMechanisms[0]);
        Assert.False(server.Context.IsEncrypted);
    }

    [Theory]
    [InlineData(typeof(InvalidDataException), false)]
    [InlineData(typeof(IOException), true)]
    [InlineData(typeof(TimeoutException), true)]
    [InlineData(typeof(TaskCanceledException), true)]
    public async Task Client_MechanismThrows_IsASaslExceptionWithoutItsText(Type type, bool isTransient)
    {
        var exception = (Exception)Activator.CreateInstance(type, "s3cret")!;
        foreach (ScriptedMechanism mechanism in (ScriptedMechanism[])
        [
            new() { OnStart = _ => throw exception },
            new() { OnComplete = () => throw exception },
        ])
        {
            await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.CustomMechanisms = [new ScriptedServerMechanism()]);
            ConnectionOptions options = sasl.Options(null);
            options.CustomMechanisms = [mechanism];

            SaslException thrown = await sasl.RefusedAsync(options);

            Assert.Equal((SaslFailure.MechanismFailed, isTransient), (thrown.Failure, thrown.IsTransient));
            Assert.Contains(type.Name, thrown.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("s3cret", thrown.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Client_MessageTooLong_IsNotSent()
    {
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.CustomMechanisms = [new ScriptedServerMechanism()]);
        ConnectionOptions options = sasl.Options(null);
        options.CustomMechanisms = [new ScriptedMechanism { OnStart = _ => new ValueTask<byte[]?>(new byte[65_537]) }];

        SaslException exception = await sasl.RefusedAsync(options);

        Assert.Equal(SaslFailure.MechanismFailed, exception.Failure);
        Assert.Contains("65537", exception.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, byte, SaslFailure> ServerFaults => new()
    {
        { "throws", 2, SaslFailure.ServerFault },
        { "refuses", 1, SaslFailure.CredentialsRefused },
        { "cannot decide", 4, SaslFailure.ServerUnavailable },
        { "throws a refusal", 1, SaslFailure.CredentialsRefused },
        { "throws a passing fault", 4, SaslFailure.ServerUnavailable },
        { "says too much", 2, SaslFailure.ServerFault },
    };

    [Theory]
    [MemberData(nameof(ServerFaults))]
    public async Task Listener_MechanismFails_IsAnOutcomeAndALogLine(string what, byte code, SaslFailure failure)
    {
        int disposed = 0;
        var server = new ScriptedServerMechanism { OnStep = (_, _) => Fail(what), OnDispose = () => Interlocked.Increment(ref disposed) };
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.CustomMechanisms = [server]);
        ConnectionOptions options = sasl.Options(null);
        (options.CustomMechanisms, options.CredentialProvider) = ([new ScriptedMechanism()], null); // nobody to ask for better ones: one login

        SaslException exception = await sasl.RefusedAsync(options);

        Assert.Equal(failure, exception.Failure);
        Assert.Contains($"outcome {code}", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("database", exception.Message, StringComparison.Ordinal);
        await BoundedWaits.UntilAsync(() => sasl.Log.Lines.Any(line => line.Id == 5003));
        Assert.Equal(code != 1 && what != "cannot decide", sasl.Log.Lines.Any(line => line.Id == 5001));
        await BoundedWaits.UntilAsync(() => Volatile.Read(ref disposed) == 1);
    }

    [Fact]
    public async Task Listener_ResponsesWithoutEnd_AreCutOff()
    {
        var endless = new ScriptedServerMechanism { OnStep = (_, _) => new ValueTask<SaslServerStep>(SaslServerStep.Challenge(new byte[] { 1 })) };
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.CustomMechanisms = [endless]);
        await using RawPeer peer = await sasl.DialAsync();
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.SendSaslAsync(new SaslInit { Mechanism = "X-SCRIPT" });
        await peer.ReadAsync<string>();
        await peer.ReadAsync<SaslMechanisms>();

        int challenges = 0;
        while ((await peer.ReadAsync())!.Body is SaslChallenge)
        {
            challenges++;
            await peer.SendSaslAsync(new SaslResponse { Response = [] });
        }

        Assert.Equal(SaslExchange.MaxSteps, challenges);
        Assert.Empty(await peer.ReadToEndAsync());
    }

    [Fact]
    public async Task Listener_MechanismThrowsWhenAsked_IsNotOfferedAndDoesNotEndTheListener()
    {
        var broken = new ScriptedServerMechanism { OnUsable = () => throw new InvalidDataException("broken") };
        await using SaslTesting sasl = await SaslTesting.ListenAsync(options => options.CustomMechanisms = [broken]);
        ConnectionOptions options = sasl.Options(null);
        options.CustomMechanisms = [new ScriptedMechanism()];

        Assert.Equal("SCRAM-SHA-512", (await sasl.LogInAsync(options)).Mechanism);
        Assert.Contains(sasl.Log.Lines, line => line.Id == 5006);
    }

    /// <summary>The answer of an exchange that was stopped reaches no engine: one loop may serve another one by then.</summary>
    [Fact]
    public async Task Stop_AnswerComesLater_DoesNotReachTheEngine()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = new TaskCompletionSource<byte[]?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var disposed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var mechanism = new ScriptedMechanism
        {
            OnStart = async _ =>
            {
                started.TrySetResult();
                return await answer.Task;
            },
            OnDispose = () => Assert.True(disposed.TrySetResult(answer.Task.IsCompleted)),
        };
        (ITransport near, ITransport far) = InProcessTransport.CreatePair();
        LoopSettings settings = Settings();
        var connection = new Connection(settings, supervisor: null);
        await using var peer = new RawPeer(far);
        Task opening = connection.OpenAsync(near, settings, new Role(mechanism), BoundedWaits.Stop);
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.SendSaslAsync(new SaslMechanisms { Mechanisms = ["X-SCRIPT"] });
        await started.Task.Bounded();

        await connection.Loop.InvokeAsync(connection.Sasl.Stop).Bounded();
        answer.SetResult([1, 2, 3]);
        Assert.True(await disposed.Task.Bounded()); // not under the feet of the step that still runs
        await connection.Loop.InvokeAsync(connection.Sasl.Stop).Bounded(); // and again

        Assert.Equal(EnginePhase.Sasl, await connection.Loop.InvokeAsync(() => connection.Loop.Engine!.Phase).Bounded());
        Assert.Equal("SASL", await peer.ReadAsync<string>());
        connection.Loop.Abort(new CloseReason(CloseInitiator.Local));
        Assert.Empty(await peer.ReadToEndAsync());
        await connection.Loop.Stopped.Bounded();
        await opening.Throws<MessagingConnectionException>();
    }

    /// <summary>A client that stalls at any stage is cut off; the limit is the listener's, 15 seconds.</summary>
    [Theory]
    [InlineData("nothing")]
    [InlineData("half a header")]
    [InlineData("header")]
    [InlineData("half a frame")]
    [InlineData("init")]
    [InlineData("login")]
    public async Task Listener_PeerStalls_IsCutOff(string stage)
    {
        var time = new FakeTimeProvider();
        await using SaslTesting sasl = await SaslTesting.ListenAsync(time: time);
        await using RawPeer peer = await sasl.DialAsync();
        byte[] header = FrameWriter.SaslHeader.ToArray();
        byte[] init = RawPeer.Frame(
            new SaslInit { Mechanism = stage == "login" ? "ANONYMOUS" : "SCRAM-SHA-256", InitialResponse = "n,,n=a,r=b"u8.ToArray() }, type: FrameHeader.SaslType);
        await peer.SendRawAsync(stage switch
        {
            "nothing" => [],
            "half a header" => header[..4],
            "header" => header,
            "half a frame" => [.. header, .. init[..9]],
            _ => [.. header, .. init],
        });

        Task<List<object>> reading = peer.ReadToEndAsync();
        await time.PassUntilAsync(reading, TimeSpan.FromSeconds(1));

        Assert.DoesNotContain(await reading, frame => frame is Open);
        await BoundedWaits.UntilAsync(() => sasl.Log.Lines.Any(line => line.Id == 1002 && line.Text.Contains("00:00:15", StringComparison.Ordinal)));
    }

    private static async ValueTask<SaslServerStep> Fail(string what)
    {
        await Task.Yield();
        return what switch
        {
            "throws" => throw new InvalidDataException("database"),
            "refuses" => SaslServerStep.Refused("no"),
            "cannot decide" => SaslServerStep.Unavailable("later"),
            "throws a refusal" => throw new SaslException(SaslFailure.CredentialsRefused, "no"),
            "throws a passing fault" => throw new SaslException(SaslFailure.ServerUnavailable, "later"),
            _ => SaslServerStep.Challenge(new byte[65_537]),
        };
    }

    private static LoopSettings Settings() => new()
    {
        Name = "test",
        TimeProvider = TimeProvider.System,
        Logger = NullLogger.Instance,
        Engine = new EngineSettings { ContainerId = "test" },
    };

    private sealed class Role(ScriptedMechanism mechanism) : ConnectionRole
    {
        public override TimeSpan HandshakeTimeout => Timeout.InfiniteTimeSpan;

        public override ISaslExchange CreateSasl(Connection connection) =>
            new SaslClient(connection.Loop, new ConnectionOptions { CustomMechanisms = [mechanism] }, ConnectionUrl.Parse("inproc://test"), credentials: null);

        public override void OnOpened(Connection connection, in Open open)
        {
        }
    }
}
