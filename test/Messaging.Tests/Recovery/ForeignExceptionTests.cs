using System.Collections.Concurrent;
using Messaging.Tests.Support;
using Polly;

namespace Messaging.Tests.Recovery;

/// <summary>What the application's own code throws while a connection is opened again: a clear fault that names it, never a hang.</summary>
public class ForeignExceptionTests
{
    private static readonly InvalidOperationException Broken = new("broken by the application");

    [Fact]
    public async Task Lost_DelayThrowsAtALaterAttempt_EndsItWithThatAsItsCause()
    {
        int calls = 0;
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Recovery = { Delay = new OwnDelay(() => ++calls == 3 ? throw Broken : TimeSpan.Zero) } });
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();

        AssertIsOfTheDelay((await server.Connection.Closed.Bounded()).Exception!);
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
    }

    [Fact]
    public async Task Connect_DelayThrows_EndsItWithThatAsItsCause()
    {
        int calls = 0;
        await using var client = new MessagingClient(new MessagingClientOptions());
        var options = new ConnectionOptions { Url = TestPair.UniqueUrl(), Recovery = { Delay = new OwnDelay(() => ++calls == 3 ? throw Broken : TimeSpan.Zero) } };

        AssertIsOfTheDelay(await client.ConnectAsync(options, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>());
    }

    [Fact]
    public async Task Lost_DelayThrowsAtItsReset_EndsItWithThatAsItsCause()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Recovery = { Delay = new ThrowsAtReset(), StablePeriod = TimeSpan.Zero } });

        await server.Peer.DisposeAsync();

        AssertIsOfTheDelay((await server.Connection.Closed.Bounded()).Exception!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lost_PipelineThrows_EndsItWithThatAsItsCause(bool isCancellation)
    {
        Exception thrown = isCancellation ? new OperationCanceledException("cancelled by the application") : Broken;
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Recovery = { Pipeline = FailsAtTheSecondOutage(thrown) } });

        await server.Peer.DisposeAsync();

        MessagingException given = (await server.Connection.Closed.Bounded()).Exception!;
        Assert.Contains("pipeline", given.Message, StringComparison.Ordinal);
        Assert.Contains("by the application", given.Message, StringComparison.Ordinal);
        Assert.Same(thrown, given.InnerException);
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
    }

    [Fact]
    public async Task Connect_PipelineThrows_ThrowsWithThatAsItsCause()
    {
        await using var client = new MessagingClient(new MessagingClientOptions());
        var options = new ConnectionOptions { Url = TestPair.UniqueUrl(), Recovery = { Pipeline = new ResiliencePipelineBuilder().AddStrategy(_ => new Failing(Broken), new NoOptions()).Build() } };

        Assert.Same(Broken, (await client.ConnectAsync(options, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>()).InnerException);
    }

    [Fact]
    public async Task Lost_EveryEventHandlerThrows_ItComesBackAndTheOthersAreTold()
    {
        using var log = new LogCapture();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions(), new MessagingClientOptions { LoggerFactory = log });
        ISender sender = await server.SenderAsync();
        var told = new ConcurrentQueue<string>();
        server.Connection.StateChanged += (_, _) => throw Broken;
        server.Connection.ErrorOccurred += (_, _) => throw Broken;
        sender.StateChanged += (_, _) => throw Broken;
        server.Connection.StateChanged += (_, change) => told.Enqueue(change.Current.ToString());
        server.Connection.ErrorOccurred += (_, error) => told.Enqueue(error.Scope.ToString());
        sender.StateChanged += (_, change) => told.Enqueue(change.Current.ToString());

        await server.ReconnectAsync();
        await BoundedWaits.UntilAsync(() => told.Count == 5);

        Assert.Equal("Attached Connected Lost Reconnecting Transport", string.Join(' ', told.Order(StringComparer.Ordinal)));
        Assert.Equal(5, log.Lines.Count(line => line.Text.Contains(Broken.Message, StringComparison.Ordinal)));
    }

    private static void AssertIsOfTheDelay(MessagingException exception)
    {
        Assert.Contains("RecoveryOptions.Delay", exception.Message, StringComparison.Ordinal);
        Assert.Contains(Broken.Message, exception.Message, StringComparison.Ordinal);
        Assert.Same(Broken, exception.InnerException);
        Assert.False(exception.IsTransient);
    }

    private static ResiliencePipeline FailsAtTheSecondOutage(Exception exception)
    {
        int outages = 0;
        return new ResiliencePipelineBuilder().AddStrategy(_ => new SecondTime(() => ++outages == 2 ? throw exception : true), new NoOptions()).Build();
    }

    private sealed class NoOptions : ResilienceStrategyOptions;

    private sealed class SecondTime(Func<bool> before) : ResilienceStrategy
    {
        protected override ValueTask<Polly.Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            before();
            return callback(context, state);
        }
    }

    private sealed class ThrowsAtReset : IReconnectDelay
    {
        public void Reset() => throw Broken;

        public TimeSpan Next() => TimeSpan.Zero;
    }
}
