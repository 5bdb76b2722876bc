using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Polly;
using Polly.Retry;

namespace Messaging.Tests.Recovery;

/// <summary>The attempts of a connection, in fake time: nobody listens at most of the URLs.</summary>
public class SupervisorTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Connect_OneAttemptAllowed_IsOneAttempt()
    {
        await using MessagingClient client = Client();
        var options = new ConnectionOptions { Url = TestPair.UniqueUrl(), Recovery = { MaxAttempts = 1 } };

        MessagingConnectionException exception = await client.ConnectAsync(options, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.Contains("no listener", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_AttemptsExhausted_ThrowsTheLastErrorWithAllAttempts()
    {
        var delay = new OwnDelay(() => TimeSpan.Zero);
        await using MessagingClient client = Client();
        var options = new ConnectionOptions { Url = TestPair.UniqueUrl(), Failover = [TestPair.UniqueUrl()], Recovery = { MaxAttempts = 3, Delay = delay } };

        MessagingConnectionException exception = await client.ConnectAsync(options, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.Contains("6 attempts", exception.Message, StringComparison.Ordinal);
        Assert.Equal((2, 0), (delay.Calls, delay.Resets)); // both URLs are tried before a delay
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task Connect_WithoutReconnect_TriesTheListOnce_WhateverThePipeline()
    {
        await using MessagingClient client = Client();
        var options = new ConnectionOptions { Url = TestPair.UniqueUrl(), Failover = [TestPair.UniqueUrl()], Reconnect = false, Recovery = { Pipeline = Always(TimeSpan.Zero) } };

        MessagingConnectionException exception = await client.ConnectAsync(options, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.Contains("2 attempts", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ConnectTimeout_EndsIt()
    {
        await using MessagingClient client = Client();
        Task<IConnection> connecting = client.ConnectAsync(new ConnectionOptions { Url = TestPair.UniqueUrl(), ConnectTimeout = TimeSpan.FromSeconds(3) }, BoundedWaits.Stop).AsTask();

        await _time.PassUntilAsync(connecting, TimeSpan.FromMilliseconds(100));

        Assert.Contains("ConnectTimeout", (await connecting.Throws<MessagingConnectionException>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_Cancelled_ThrowsThat()
    {
        await using MessagingClient client = Client();
        using var cancel = new CancellationTokenSource();
        Task<IConnection> connecting = client.ConnectAsync(new ConnectionOptions { Url = TestPair.UniqueUrl() }, cancel.Token).AsTask();

        await cancel.CancelAsync();

        OperationCanceledException exception = await connecting.ThrowsAny<OperationCanceledException>();
        Assert.Equal(cancel.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task Connect_PipelineSwallowsTheFailure_IsNoConnection()
    {
        await using MessagingClient client = Client();
        ResiliencePipeline swallowing = new ResiliencePipelineBuilder().AddStrategy(_ => new Swallowing(), new SwallowingOptions()).Build();

        MessagingConnectionException exception = await client
            .ConnectAsync(new ConnectionOptions { Url = TestPair.UniqueUrl(), Recovery = { Pipeline = swallowing } }, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.Contains("pipeline", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_PermanentFailureAfterAPassingOne_IsPermanent()
    {
        await using RawServer server = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(new ConnectionOptions { Url = TestPair.UniqueUrl(), Failover = [server.Url] }, BoundedWaits.Stop).AsTask();
        await using RawPeer peer = await server.AcceptAsync();
        await peer.OpenAsServerAsync(Failing());
        await peer.SendAsync(new Close { Error = new AmqpError(ErrorCondition.NotAllowed, "never") });

        MessagingConnectionException exception = await connecting.Throws<MessagingConnectionException>();

        Assert.Equal((ErrorCondition.NotAllowed, false), (exception.Error?.Condition, exception.IsTransient));
    }

    [Fact]
    public async Task Connect_OpenThatAnnouncesFailure_IsNoSuccessAndIsRetried()
    {
        await using RawServer server = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(new ConnectionOptions { Url = server.Url }, BoundedWaits.Stop).AsTask();
        await using RawPeer first = await server.AcceptAsync();
        await first.OpenAsServerAsync(Failing());
        await first.SendAsync(new Close { Error = new AmqpError(ErrorCondition.ResourceLimitExceeded, "full") });

        await using RawPeer second = await server.AcceptAsync();
        Assert.False(connecting.IsCompleted);
        await second.OpenAsServerAsync();

        Assert.Equal(ConnectionState.Connected, (await connecting.Bounded()).State);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Redirect_InClose_IsFollowed(bool afterOpen)
    {
        await using RawServer server = await RawServer.ListenAsync();
        await using RawServer other = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(new ConnectionOptions { Url = server.Url }, BoundedWaits.Stop).AsTask();
        await using RawPeer first = await server.AcceptAsync();
        await first.OpenAsServerAsync(afterOpen ? null : Failing());
        if (afterOpen)
            await connecting.Bounded();

        await first.SendAsync(new Close { Error = RedirectTo(other.Url) });
        await using RawPeer second = await other.AcceptAsync();
        await second.OpenAsServerAsync();

        IConnection connection = await connecting.Bounded();
        await BoundedWaits.UntilAsync(() => connection.State == ConnectionState.Connected);
        Assert.False(connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task Redirect_PingPongBeforeOpen_EndsWithADefiniteError()
    {
        await using RawServer server = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(new ConnectionOptions { Url = server.Url, Recovery = { MaxRedirects = 2 } }, BoundedWaits.Stop).AsTask();
        for (int i = 0; i < 3; i++)
        {
            await using RawPeer peer = await server.AcceptAsync();
            await peer.OpenAsServerAsync(Failing());
            await peer.SendAsync(new Close { Error = RedirectTo(server.Url) });
            await peer.ReadToEndAsync();
        }

        MessagingConnectionException exception = await connecting.Throws<MessagingConnectionException>();

        Assert.Equal((ErrorCondition.ConnectionRedirect, false), (exception.Error?.Condition, exception.IsTransient));
    }

    [Fact]
    public async Task Redirect_TargetFailsForGood_TheOthersAreTried()
    {
        await using RawServer server = await RawServer.ListenAsync();
        await using RawServer target = await RawServer.ListenAsync();
        await using RawServer other = await RawServer.ListenAsync();
        Task<IConnection> connecting = server.Client.ConnectAsync(new ConnectionOptions { Url = server.Url, Failover = [other.Url] }, BoundedWaits.Stop).AsTask();
        await using RawPeer first = await server.AcceptAsync();
        await first.OpenAsServerAsync(Failing());
        await first.SendAsync(new Close { Error = RedirectTo(target.Url) });
        await using RawPeer second = await target.AcceptAsync();
        await second.OpenAsServerAsync(Failing());
        await second.SendAsync(new Close { Error = new AmqpError(ErrorCondition.NotAllowed, "never") });

        await using RawPeer third = await other.AcceptAsync();
        await third.OpenAsServerAsync();

        Assert.Equal(ConnectionState.Connected, (await connecting.Bounded()).State);
    }

    [Fact]
    public async Task Redirect_AfterOpen_TargetFailsForGood_TheFirstIsTriedAgain()
    {
        await using RawServer target = await RawServer.ListenAsync();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        await server.Peer.SendAsync(new Close { Error = RedirectTo(target.Url) });
        await using RawPeer second = await target.AcceptAsync();
        await second.OpenAsServerAsync(Failing());
        await second.SendAsync(new Close { Error = new AmqpError(ErrorCondition.NotAllowed, "never") });

        await server.AcceptOpenAsync();

        await server.StateAsync(ConnectionState.Connected);
    }

    [Fact]
    public async Task Redirect_ThatNamesNothing_EndsWithADefiniteError()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());

        await server.Peer.SendAsync(new Close { Error = new AmqpError(ErrorCondition.ConnectionRedirect) });

        CloseReason reason = await server.Connection.Closed.Bounded();
        Assert.Contains("network-host", reason.Exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_AttemptsComeAtTheTimesOfTheBackOff_AndAreTold()
    {
        await using RawServer server = await RawServer.ListenAsync(new MessagingClientOptions { TimeProvider = _time });
        IConnection connection = await ConnectAsync(server, new ConnectionOptions { Url = server.Url, IdleTimeout = TimeSpan.Zero, Recovery = { Jitter = 0, MaxAttempts = 5 } });
        var changes = new ConcurrentQueue<ConnectionStateChangedEventArgs>();
        connection.StateChanged += (_, change) => changes.Enqueue(change);
        DateTimeOffset lost = _time.GetUtcNow();
        await server.DisposeListenerAsync();
        await server.Peer.DisposeAsync();

        await _time.PassUntilAsync(connection.Closed, TimeSpan.FromMilliseconds(10));

        await BoundedWaits.UntilAsync(() => changes.Any(change => change.Current == ConnectionState.Faulted));
        ConnectionStateChangedEventArgs[] attempts = [.. changes.Where(change => change.Current == ConnectionState.Reconnecting)];
        Assert.Equal([1, 2, 3, 4, 5], attempts.Select(change => change.Attempt));
        Assert.Equal([0, 100, 200, 400, 800], attempts.Select(change => change.NextDelay.TotalMilliseconds));
        Assert.All(attempts, change => Assert.Equal((server.Url, true), (change.Endpoint, change.Cause is not null)));
        Assert.True(_time.GetUtcNow() - lost >= TimeSpan.FromMilliseconds(1500));
    }

    [Fact]
    public async Task Lost_OwnDelayThrows_EndsTheConnectionAndSaysWhy()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Recovery = { Delay = new OwnDelay(() => throw new InvalidOperationException("broken")) } });

        await server.Peer.DisposeAsync();

        CloseReason reason = await server.Connection.Closed.Bounded();
        Assert.Contains("RecoveryOptions.Delay", reason.Exception!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lost_OwnPipeline_WaitsOutTheDelayThatIsDue()
    {
        await using RawServer server = await RawServer.ListenAsync(new MessagingClientOptions { TimeProvider = _time });
        var delay = new OwnDelay(() => TimeSpan.FromSeconds(7));
        IConnection connection = await ConnectAsync(server, new ConnectionOptions { Url = server.Url, IdleTimeout = TimeSpan.Zero, HandshakeTimeout = Timeout.InfiniteTimeSpan, Recovery = { Delay = delay, Pipeline = Always(TimeSpan.Zero) } });
        DateTimeOffset lost = _time.GetUtcNow();

        await server.Peer.DisposeAsync();
        Task<RawPeer> next = server.AcceptAsync();
        await _time.PassUntilAsync(next, TimeSpan.FromMilliseconds(500));

        Assert.True(_time.GetUtcNow() - lost >= TimeSpan.FromSeconds(7));
        await using RawPeer peer = await next;
        await peer.OpenAsServerAsync();
        await BoundedWaits.UntilAsync(() => connection.State == ConnectionState.Connected);
    }

    [Fact]
    public async Task Lost_MaxDuration_EndsIt()
    {
        await using RawServer server = await RawServer.ListenAsync(new MessagingClientOptions { TimeProvider = _time });
        IConnection connection = await ConnectAsync(server, new ConnectionOptions { Url = server.Url, IdleTimeout = TimeSpan.Zero, Recovery = { MaxDuration = TimeSpan.FromSeconds(2) } });
        await server.DisposeListenerAsync();
        await server.Peer.DisposeAsync();

        await _time.PassUntilAsync(connection.Closed, TimeSpan.FromMilliseconds(100));

        Assert.Contains("MaxDuration", (await connection.Closed).Exception!.Message, StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Faulted, connection.State);
    }

    [Fact]
    public async Task Lost_WithoutReconnect_EndsIt()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { Reconnect = false });

        await server.Peer.DisposeAsync();

        await server.Connection.Closed.Bounded();
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
    }

    [Fact]
    public async Task Lost_ServerLearntFromTheOpen_IsTriedNext()
    {
        await using RawServer other = await RawServer.ListenAsync();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions(), open: OpenThatNames(other));
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();

        await using RawPeer peer = await other.AcceptAsync();
        await peer.OpenAsServerAsync();
        await server.StateAsync(ConnectionState.Connected);
    }

    [Fact]
    public async Task Lost_NoRedirectsAllowed_LearntServersAreNotTriedEither()
    {
        await using RawServer other = await RawServer.ListenAsync();
        var options = new ConnectionOptions { HandshakeTimeout = Timeout.InfiniteTimeSpan, Recovery = { MaxRedirects = 0, MaxAttempts = 1 } };
        await using RawServer server = await RawServer.OpenAsync(options, open: OpenThatNames(other));
        await server.DisposeListenerAsync();

        await server.Peer.DisposeAsync();

        await server.Connection.Closed.Bounded(); // the learnt server would have taken the connection, and never answered
        Assert.Equal(ConnectionState.Faulted, server.Connection.State);
    }

    private static Open OpenThatNames(RawServer other) => new()
    {
        ContainerId = "raw-server",
        Properties = new Dictionary<Symbol, object?>
        {
            ["failover-server-list"] = new List<object?> { new OrderedDictionary<object, object?> { [(Symbol)"network-host"] = ConnectionUrl.Parse(other.Url).Host, [(Symbol)"scheme"] = "inproc" } },
        },
    };

    private MessagingClient Client() => new(new MessagingClientOptions { TimeProvider = _time });

    private static async Task<IConnection> ConnectAsync(RawServer server, ConnectionOptions options)
    {
        ValueTask<IConnection> connecting = server.Client.ConnectAsync(options, BoundedWaits.Stop);
        await server.AcceptOpenAsync();
        return await connecting.Bounded();
    }

    private static Open Failing() => new() { ContainerId = "raw-server", Properties = new Dictionary<Symbol, object?> { ["amqp:connection-establishment-failed"] = true } };

    private static AmqpError RedirectTo(string url) => new(ErrorCondition.ConnectionRedirect, "elsewhere")
    {
        Info = new Dictionary<Symbol, object?> { ["network-host"] = ConnectionUrl.Parse(url).Host },
    };

    private ResiliencePipeline Always(TimeSpan delay) => new ResiliencePipelineBuilder { TimeProvider = _time }
        .AddRetry(new RetryStrategyOptions { MaxRetryAttempts = int.MaxValue, Delay = delay })
        .Build();

    private sealed class SwallowingOptions : ResilienceStrategyOptions;

    private sealed class Swallowing : ResilienceStrategy
    {
        protected override async ValueTask<Polly.Outcome<TResult>> ExecuteCore<TResult, TState>(
            Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, ResilienceContext context, TState state)
        {
            await callback(context, state);
            return Polly.Outcome.FromResult<TResult>(default!);
        }
    }
}
