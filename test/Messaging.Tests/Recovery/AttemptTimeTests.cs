using System.Collections.Concurrent;
using System.Globalization;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Polly;
using Polly.Retry;

namespace Messaging.Tests.Recovery;

/// <summary>When attempts are made, to the millisecond, against a server that opens and closes at once.</summary>
public class AttemptTimeTests
{
    private readonly RecordingTime _time = new();

    [Fact]
    public async Task ServerThatOpensAndCloses_DelaysGrowToTheLongest_AndBeginAnewOnceItWasStable()
    {
        await using RawServer server = await OpenAsync(new RecoveryOptions { Jitter = 0, MaxDelay = TimeSpan.FromMilliseconds(300) });

        foreach (int delay in (int[])[0, 100, 200, 300, 300])
            await LoseAsync(server, TimeSpan.FromMilliseconds(delay));
        _time.Advance(TimeSpan.FromSeconds(5)); // StablePeriod
        foreach (int delay in (int[])[0, 100])
            await LoseAsync(server, TimeSpan.FromMilliseconds(delay));
    }

    [Fact]
    public async Task OwnDelay_IsKeptExactly_AndResetOnceItWasStable()
    {
        var delays = new Queue<int>([7, 11, 13]);
        var own = new OwnDelay(() => TimeSpan.FromSeconds(delays.Dequeue()));
        await using RawServer server = await OpenAsync(new RecoveryOptions { Delay = own, StablePeriod = TimeSpan.FromMinutes(1) });

        await LoseAsync(server, TimeSpan.FromSeconds(7));
        await LoseAsync(server, TimeSpan.FromSeconds(11));
        Assert.Equal(0, own.Resets);
        _time.Advance(TimeSpan.FromMinutes(1));
        await LoseAsync(server, TimeSpan.FromSeconds(13));

        Assert.Equal((3, 1), (own.Calls, own.Resets));
    }

    [Fact]
    public async Task OwnPipeline_DelaysGrowAcrossOutages_AndBeginAnewOnceItWasStable()
    {
        ResiliencePipeline atOnce = new ResiliencePipelineBuilder { TimeProvider = _time }.AddRetry(new RetryStrategyOptions { MaxRetryAttempts = int.MaxValue, Delay = TimeSpan.Zero }).Build();
        await using RawServer server = await OpenAsync(new RecoveryOptions { Jitter = 0, MaxDelay = TimeSpan.FromMilliseconds(300), Pipeline = atOnce });

        foreach (int delay in (int[])[0, 100, 200, 300, 300])
            await LoseAsync(server, TimeSpan.FromMilliseconds(delay));
        _time.Advance(TimeSpan.FromSeconds(5)); // StablePeriod
        foreach (int delay in (int[])[0, 100])
            await LoseAsync(server, TimeSpan.FromMilliseconds(delay));
    }

    [Fact]
    public async Task Defaults_EveryAttemptOfAnOutageComesAtItsTime()
    {
        await using RawServer server = await OpenAsync(new RecoveryOptions { Jitter = 0 });
        ConcurrentQueue<ConnectionStateChangedEventArgs> changes = Watch(server);
        await server.DisposeListenerAsync();
        await server.Peer.DisposeAsync();
        int[] delays = [0, 100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000];

        for (int attempt = 1; attempt < delays.Length; attempt++)
        {
            var delay = TimeSpan.FromMilliseconds(delays[attempt]);
            await BoundedWaits.UntilAsync(() => changes.Count > attempt);
            await _time.BegunAsync(delay);
            _time.Forget();
            _time.Advance(delay - TimeSpan.FromMilliseconds(1));
            Assert.Equal(attempt + 1, changes.Count);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await BoundedWaits.UntilAsync(() => changes.Count > delays.Length);
        Assert.Equal(delays, changes.Take(delays.Length).Select(change => (int)change.NextDelay.TotalMilliseconds));
    }

    [Fact]
    public async Task Connect_NobodyListens_TheDelaysAreTheSame()
    {
        using var log = new LogCapture();
        await using var client = new MessagingClient(new MessagingClientOptions { TimeProvider = _time, LoggerFactory = log });
        var options = new ConnectionOptions { Url = TestPair.UniqueUrl(), Recovery = { Jitter = 0, MaxAttempts = 11 }, ConnectTimeout = Timeout.InfiniteTimeSpan };
        Task<IConnection> connecting = client.ConnectAsync(options, BoundedWaits.Stop).AsTask();

        await _time.PassUntilAsync(connecting, TimeSpan.FromMilliseconds(100));

        await connecting.Throws<MessagingConnectionException>();
        double[] delays = [.. log.Lines.Where(line => line.Id == 6001).Select(line => TimeSpan.Parse(line.Text.Split("the next one in ")[1].Split(": ")[0], CultureInfo.InvariantCulture).TotalSeconds)];
        Assert.Equal([0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10], delays);
    }

    [Fact]
    public async Task Jitter_ShortensEachDelayByItsPartAtMost()
    {
        await using RawServer server = await OpenAsync(new RecoveryOptions { Jitter = 0.5, JitterSeed = 4711, MaxAttempts = 6 });
        ConcurrentQueue<ConnectionStateChangedEventArgs> changes = Watch(server);
        await server.DisposeListenerAsync();
        await server.Peer.DisposeAsync();

        await _time.PassUntilAsync(server.Connection.Closed, TimeSpan.FromMilliseconds(100));

        await BoundedWaits.UntilAsync(() => changes.Any(change => change.Current == ConnectionState.Faulted));
        double[] delays = [.. changes.Where(change => change.Current == ConnectionState.Reconnecting).Select(change => change.NextDelay.TotalMilliseconds)];
        double[] longest = [0, 100, 200, 400, 800, 1600];
        Assert.Equal(longest.Length, delays.Length);
        Assert.All(delays.Zip(longest), delay => Assert.InRange(delay.First, delay.Second / 2, delay.Second));
        Assert.NotEqual(longest, delays);
    }

    [Fact]
    public async Task OwnPipeline_EachAttemptIsToldOnce_AndNoneThatDoesNotCome()
    {
        ResiliencePipeline once = new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = 1, Delay = TimeSpan.Zero }).Build();
        await using RawServer server = await OpenAsync(new RecoveryOptions { Pipeline = once });
        ConcurrentQueue<ConnectionStateChangedEventArgs> changes = Watch(server);
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();
        await BoundedWaits.UntilAsync(() => changes.Any(change => change.Current == ConnectionState.Faulted));

        Assert.Equal([1, 2], changes.Where(change => change.Current == ConnectionState.Reconnecting).Select(change => change.Attempt));
    }

    [Fact]
    public async Task Reconnected_TheChangeNamesTheServer()
    {
        await using RawServer server = await OpenAsync(new RecoveryOptions());
        ConcurrentQueue<ConnectionStateChangedEventArgs> changes = Watch(server);

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await BoundedWaits.UntilAsync(() => changes.Any(change => change.Current == ConnectionState.Connected));

        Assert.Equal([(ConnectionState.Reconnecting, server.Url), (ConnectionState.Connected, server.Url)], changes.Select(change => (change.Current, change.Endpoint!)));
    }

    [Fact]
    public async Task LoneLink_DelaysGrow_AndBeginAnewOnceItWasStable()
    {
        using var log = new LogCapture();
        await using RawServer server = await OpenAsync(new RecoveryOptions { Jitter = 0 }, log);
        ISender sender = await server.SenderAsync();
        uint handle = 0;

        foreach (int delay in (int[])[0, 100, 200])
            handle = await LoseLinkAsync(server, sender, handle, delay);
        _time.Advance(TimeSpan.FromSeconds(5)); // StablePeriod
        await LoseLinkAsync(server, sender, handle, 0);

        string delays = string.Join(' ', log.Lines.Where(line => line.Id == 3008).Select(line => line.Text.Split("attached again in ")[1].Split(' ')[0]));
        Assert.Equal("00:00:00: 00:00:00.1000000: 00:00:00.2000000: 00:00:00:", delays);
    }

    /// <summary>Loses the connection, and lets exactly the time pass that the client waits before it comes back.</summary>
    private async Task LoseAsync(RawServer server, TimeSpan delay)
    {
        _time.Forget();
        await server.Peer.SendAsync(new Close { Error = new AmqpError(ErrorCondition.ConnectionForced) });
        Task<RawPeer> next = server.AcceptAsync();
        if (delay > TimeSpan.Zero)
        {
            await _time.BegunAsync(delay);
            _time.Advance(delay - TimeSpan.FromMilliseconds(1));
            Assert.False(next.IsCompleted);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await server.TakeOverAsync(await next);
        await server.StateAsync(ConnectionState.Connected);
        await server.FenceAsync(); // the supervisor knows it too
    }

    private async Task<uint> LoseLinkAsync(RawServer server, ISender sender, uint handle, int delay)
    {
        await server.Peer.SendAsync(new Detach { Handle = handle, Error = new AmqpError(ErrorCondition.DetachForced) });
        await server.Peer.ReadUntilAsync<Detach>();
        await server.FenceAsync();
        _time.Advance(TimeSpan.FromMilliseconds(delay));
        Attach again = await server.Peer.AnswerAttachAsync();
        await BoundedWaits.UntilAsync(() => sender.State == LinkState.Attached);
        return again.Handle;
    }

    private static ConcurrentQueue<ConnectionStateChangedEventArgs> Watch(RawServer server)
    {
        var changes = new ConcurrentQueue<ConnectionStateChangedEventArgs>();
        server.Connection.StateChanged += (_, change) => changes.Enqueue(change);
        return changes;
    }

    private Task<RawServer> OpenAsync(RecoveryOptions recovery, LogCapture? log = null) => RawServer.OpenAsync(
        new ConnectionOptions { IdleTimeout = TimeSpan.Zero, HandshakeTimeout = Timeout.InfiniteTimeSpan, OperationTimeout = Timeout.InfiniteTimeSpan, Recovery = recovery },
        new MessagingClientOptions { TimeProvider = _time, LoggerFactory = log });
}
