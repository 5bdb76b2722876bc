using System.Collections.Concurrent;
using Messaging.Testing.Leaks;
using Messaging.Tests.Support;
using Polly;

namespace Messaging.Tests.Recovery;

/// <summary>A pipeline of the application's own around the attempts, whatever it does with them: there is one line, and none is left behind.</summary>
public class OwnPipelineTests
{
    [Fact]
    public async Task Lost_PipelineHedges_OneLineIsOpenedAndToldOnce()
    {
        var hedging = new Hedging();
        await using RawServer server = await OpenTcpAsync(hedging);
        var changes = new ConcurrentQueue<ConnectionStateChangedEventArgs>();
        server.Connection.StateChanged += (_, change) => changes.Enqueue(change);

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.StateAsync(ConnectionState.Connected);
        await hedging.AllEndedAsync();

        Assert.Equal(2 * Hedging.AtOnce, hedging.Succeeded); // of the first open and of this outage
        await BoundedWaits.UntilAsync(() => changes.Any(change => change.Current == ConnectionState.Connected));
        Assert.Equal([ConnectionState.Reconnecting, ConnectionState.Connected], changes.Select(change => change.Current));
        await AssertHasOneLineAsync(server);
    }

    [Fact]
    public async Task Lost_PipelineHedgesAndTheServerRefusesOnce_TheNextOneOpensTheLine()
    {
        var hedging = new Hedging();
        await using RawServer server = await OpenTcpAsync(hedging);

        await server.Peer.DisposeAsync();
        await (await server.AcceptAsync()).DisposeAsync();
        await server.AcceptOpenAsync();
        await server.StateAsync(ConnectionState.Connected);
        await hedging.AllEndedAsync();

        await AssertHasOneLineAsync(server);
    }

    [Fact]
    public async Task Connect_PipelineRunsASuccessAgain_OpensNoOtherLine()
    {
        var twice = new Repeating();
        await using RawServer server = await OpenTcpAsync(twice);

        Assert.Equal(2, twice.Succeeded);
        await AssertHasOneLineAsync(server);
    }

    [Fact]
    public async Task Lost_PipelineThrowsAfterTheSuccess_TheConnectionStays()
    {
        await using RawServer server = await OpenTcpAsync(new Failing(new InvalidOperationException("too late"), after: true));

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();

        await server.StateAsync(ConnectionState.Connected);
        Assert.False(server.Connection.Closed.IsCompleted);
        await AssertHasOneLineAsync(server);
    }

    [Fact]
    public async Task Connect_PipelineEndsASilentAttemptAndRetries_ItsLineIsGone()
    {
        var giving = new GivingUpOnce();
        await using RawServer server = await RawServer.ListenAsync(tcp: true);
        Task<IConnection> connecting = server.Client.ConnectAsync(Options(server.Url, Of(giving)), BoundedWaits.Stop).AsTask();
        await using RawPeer silent = await server.AcceptAsync();

        giving.GiveUp();
        await silent.ReadToEndAsync();
        await using RawPeer second = await server.AcceptAsync();
        await second.OpenAsServerAsync();

        Assert.Equal(ConnectionState.Connected, (await connecting.Bounded()).State);
        await server.DisposeListenerAsync(); // the connection is to come back, and must not find it
        await second.DisposeAsync();
        await silent.DisposeAsync();
        await server.Client.DisposeAsync();
        await Sockets.AssertNoneLeftAsync(server.Url);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Connect_PipelineLeavesAnAttemptBehind_ItComesToNothing(bool isUnderWay)
    {
        var leaving = new Leaving(BoundedWaits.Stop);
        await using RawServer server = await RawServer.ListenAsync(tcp: true);
        Task<IConnection> connecting = server.Client.ConnectAsync(Options(server.Url, Of(leaving)), BoundedWaits.Stop).AsTask();
        Task<RawPeer> accepting = server.AcceptAsync();
        if (isUnderWay)
            await accepting;

        leaving.Leave();
        await connecting.Throws<MessagingConnectionException>();

        await using RawPeer peer = await accepting;
        await peer.ReadToEndAsync();
        await leaving.Left.ThrowsAny<MessagingException>();
        await peer.DisposeAsync();
        await Sockets.AssertNoneLeftAsync(server.Url);
    }

    /// <summary>Both ends of one connection are all there is on the port, and nothing once it is closed.</summary>
    private static async Task AssertHasOneLineAsync(RawServer server)
    {
        await BoundedWaits.UntilAsync(() => Sockets.On(new Uri(server.Url).Port).Count <= 2);
        Assert.Equal(2, Sockets.On(new Uri(server.Url).Port).Count);
        await server.DisposeListenerAsync(); // the connection is to come back, and must not find it
        await server.Peer.DisposeAsync();
        await server.Client.DisposeAsync();
        await Sockets.AssertNoneLeftAsync(server.Url);
    }

    private static Task<RawServer> OpenTcpAsync(ResilienceStrategy strategy) => RawServer.OpenAsync(Options("amqp://127.0.0.1:1", Of(strategy)), tcp: true);

    private static ConnectionOptions Options(string url, ResiliencePipeline pipeline) =>
        new() { Url = url, HandshakeTimeout = Timeout.InfiniteTimeSpan, ConnectTimeout = Timeout.InfiniteTimeSpan, IdleTimeout = TimeSpan.Zero, Recovery = { Pipeline = pipeline } };

    private static ResiliencePipeline Of(ResilienceStrategy strategy) => new ResiliencePipelineBuilder().AddStrategy(_ => strategy, new NoOptions()).Build();

    private sealed class NoOptions : ResilienceStrategyOptions;
}
