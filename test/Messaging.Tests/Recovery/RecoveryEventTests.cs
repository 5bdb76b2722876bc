using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>What the application is told: the states of links, and each error once, in its scope.</summary>
public class RecoveryEventTests
{
    [Fact]
    public async Task TransportLost_IsToldOnceAndTheLinkIsLostAndRecovers()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync();
        (ConcurrentQueue<MessagingErrorEventArgs> errors, ConcurrentQueue<LinkStateChangedEventArgs> states) = Watch(server, sender);

        await server.ReconnectAsync();
        await BoundedWaits.UntilAsync(() => sender.State == LinkState.Attached && states.Count == 2);

        MessagingErrorEventArgs error = Assert.Single(errors);
        Assert.Equal((ErrorScope.Transport, true), (error.Scope, error.IsRecovering));
        Assert.Equal([(LinkState.Attached, LinkState.Lost), (LinkState.Lost, LinkState.Attached)], states.Select(state => (state.Previous, state.Current)));
        Assert.IsType<MessagingConnectionException>(states.First().Cause);
    }

    [Fact]
    public async Task ConnectionForced_IsNoError()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync();
        (ConcurrentQueue<MessagingErrorEventArgs> errors, ConcurrentQueue<LinkStateChangedEventArgs> states) = Watch(server, sender);

        await server.Peer.SendAsync(new Close { Error = new AmqpError(ErrorCondition.ConnectionForced) });
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync();
        await BoundedWaits.UntilAsync(() => states.Count == 2);

        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("amqp:not-allowed", false)]
    [InlineData("amqp:internal-error", true)]
    public async Task ConnectionClosedWithAnError_IsToldInItsScope(string condition, bool isRecovering)
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync();
        (ConcurrentQueue<MessagingErrorEventArgs> errors, ConcurrentQueue<LinkStateChangedEventArgs> states) = Watch(server, sender);

        await server.Peer.SendAsync(new Close { Error = new AmqpError(condition) });
        await BoundedWaits.UntilAsync(() => !states.IsEmpty);

        MessagingErrorEventArgs error = Assert.Single(errors);
        Assert.Equal((ErrorScope.Connection, isRecovering, condition), (error.Scope, error.IsRecovering, error.Exception.Error?.Condition.Value));
    }

    [Theory]
    [InlineData("amqp:not-found", false)]
    [InlineData("amqp:link:detach-forced", true)]
    public async Task LinkDetachedWithAnError_IsToldInItsScope(string condition, bool isRecovering)
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync();
        (ConcurrentQueue<MessagingErrorEventArgs> errors, ConcurrentQueue<LinkStateChangedEventArgs> states) = Watch(server, sender);

        await server.Peer.SendAsync(new Detach { Closed = !isRecovering, Error = new AmqpError(condition) });
        await BoundedWaits.UntilAsync(() => !states.IsEmpty);

        MessagingErrorEventArgs error = Assert.Single(errors);
        Assert.Equal((ErrorScope.Link, isRecovering), (error.Scope, error.IsRecovering));
        Assert.Same(sender, error.Link);
        Assert.Equal(isRecovering ? LinkState.Lost : LinkState.Detached, states.Single().Current);
    }

    [Fact]
    public async Task SessionEndedWithAnError_IsToldInItsScopeAndNotForItsLinks()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ValueTask<ISession> beginning = server.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();
        ISession session = await beginning.Bounded();
        ValueTask<ISender> creating = session.CreateSenderAsync("q", BoundedWaits.Stop);
        await server.Peer.AnswerAttachAsync();
        ISender sender = await creating.Bounded();
        (ConcurrentQueue<MessagingErrorEventArgs> errors, ConcurrentQueue<LinkStateChangedEventArgs> states) = Watch(server, sender);

        await server.Peer.SendAsync(new End { Error = new AmqpError(ErrorCondition.ResourceLimitExceeded) });
        await server.Peer.ReadUntilAsync<End>();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync();
        await BoundedWaits.UntilAsync(() => states.Count == 2);

        MessagingErrorEventArgs error = Assert.Single(errors);
        Assert.Equal((ErrorScope.Session, true), (error.Scope, error.IsRecovering));
        Assert.Same(session, error.Session);
        Assert.False(session.Closed.IsCompleted);
    }

    private static (ConcurrentQueue<MessagingErrorEventArgs> Errors, ConcurrentQueue<LinkStateChangedEventArgs> States) Watch(RawServer server, ISender sender)
    {
        var errors = new ConcurrentQueue<MessagingErrorEventArgs>();
        var states = new ConcurrentQueue<LinkStateChangedEventArgs>();
        server.Connection.ErrorOccurred += (_, error) => errors.Enqueue(error);
        sender.StateChanged += (_, state) => states.Enqueue(state);
        return (errors, states);
    }
}
