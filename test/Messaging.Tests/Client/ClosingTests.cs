using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Client;

/// <summary>The end of links and connections (design section 4, "Closing").</summary>
public sealed class ClosingTests
{
    [Fact]
    public async Task SenderClose_OutcomePending_WaitsForIt()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        ISentDelivery sent = await sender.SendTrackedAsync(new Message("x"), BoundedWaits.Stop).Bounded();

        Task closing = sender.CloseAsync(BoundedWaits.Stop).AsTask();
        await server.FenceAsync();
        Assert.False(closing.IsCompleted);
        Assert.Throws<ObjectDisposedException>(() => { _ = sender.SendAsync(new Message("late"), BoundedWaits.Stop); });
        await server.Peer.SettleAsync(0, Released.Instance);

        Assert.True((await server.Peer.ReadUntilAsync<Detach>()).Closed);
        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true });
        await closing.Bounded();
        Assert.Same(Released.Instance, await sent.Outcome.Bounded());
        Assert.Equal(CloseInitiator.Local, (await sender.Closed.Bounded()).Initiator);
    }

    [Fact]
    public async Task SenderClose_Cancelled_LeavesTheSentInDoubtAndTheUnsentNotSent()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        Task sent = sender.SendAsync(new Message("sent"), BoundedWaits.Stop).AsTask();
        Task unsent = sender.SendAsync(new Message("unsent"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        using var stop = new CancellationTokenSource();
        Task closing = sender.CloseAsync(stop.Token).AsTask();

        await stop.CancelAsync();

        await closing.ThrowsAny<OperationCanceledException>();
        await sent.Throws<DeliveryInDoubtException>();
        await unsent.Throws<ObjectDisposedException>();
        Assert.True((await server.Peer.ReadAsync<Detach>()).Closed);
    }

    [Fact]
    public async Task SenderClose_WaitCancelledBefore_DoesNotWaitForThatOutcome()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        using var stop = new CancellationTokenSource();
        Task sending = sender.SendAsync(new Message("x"), stop.Token).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        await stop.CancelAsync();
        await sending.Throws<SendCanceledInDoubtException>();

        Task closing = sender.CloseAsync(BoundedWaits.Stop).AsTask();

        Assert.True((await server.Peer.ReadAsync<Detach>()).Closed);
        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true });
        await closing.Bounded();
    }

    [Fact]
    public async Task ReceiverClose_RunningStream_EndsNormallyAndReleasesTheRest()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync();
        await using IAsyncEnumerator<IDelivery> stream = receiver.ReceiveAllAsync(BoundedWaits.Stop).GetAsyncEnumerator(BoundedWaits.Stop);
        ValueTask<bool> next = stream.MoveNextAsync();
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("handed out")));
        Assert.True(await next.Bounded());
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("buffered")));
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 2, OutgoingWindow = 100, Echo = true });
        await server.Peer.ReadAsync<Flow>();

        Task closing = receiver.CloseAsync(BoundedWaits.Stop).AsTask();

        Disposition released = await server.Peer.ReadAsync<Disposition>();
        Assert.Equal((1u, (DeliveryState)Released.Instance), (released.First, released.State));
        await server.Peer.ReadAsync<Detach>();
        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true });
        await closing.Bounded();
        Assert.False(await stream.MoveNextAsync().Bounded());
        await receiver.ReceiveAsync(BoundedWaits.Stop).Throws<ObjectDisposedException, IDelivery>();
        Assert.Throws<ObjectDisposedException>(() => receiver.TryReceive(out _));
    }

    [Fact]
    public async Task ReceiverClose_WaitingReceiveAndProcess_End()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, _) = await pair.ReceivingLinkAsync();
        Task receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        Task processing = receiver.ProcessAsync((_, _) => default, 2, BoundedWaits.Stop).AsTask();

        await receiver.CloseAsync(BoundedWaits.Stop).Bounded();

        await receiving.Throws<ObjectDisposedException>();
        await processing.Bounded();
    }

    [Fact]
    public async Task PeerDetachesWithError_EverythingPendingThrowsLinkException()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender remote) = await pair.ReceivingLinkAsync();
        Task receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        Task<bool> streaming = receiver.ReceiveAllAsync(BoundedWaits.Stop).GetAsyncEnumerator(BoundedWaits.Stop).MoveNextAsync().AsTask();

        await remote.CloseAsync(new AmqpError(ErrorCondition.ResourceDeleted, "queue is gone"), BoundedWaits.Stop).Bounded();

        LinkException exception = await receiving.Throws<LinkException>();
        Assert.Equal(ErrorCondition.ResourceDeleted, exception.Error?.Condition);
        Assert.Contains("queue is gone", exception.Message, StringComparison.Ordinal);
        Assert.Contains(receiver.Name, exception.Message, StringComparison.Ordinal);
        await streaming.Throws<LinkException>();
        CloseReason reason = await receiver.Closed.Bounded();
        Assert.Equal(CloseInitiator.Remote, reason.Initiator);
        Assert.Equal(ErrorCondition.ResourceDeleted, reason.Error?.Condition);
        await receiver.ReceiveAsync(BoundedWaits.Stop).Throws<LinkException, IDelivery>();
    }

    [Fact]
    public async Task PeerDetachesWithErrorWhileWeWait_PendingSendsGetItsError()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        Task unsent = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        Task closing = sender.CloseAsync(BoundedWaits.Stop).AsTask();
        await server.FenceAsync();

        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true, Error = new AmqpError(ErrorCondition.NotFound) });

        LinkException exception = await unsent.Throws<LinkException>();
        Assert.Equal(ErrorCondition.NotFound, exception.Error?.Condition);
        await closing.Bounded();
    }

    [Fact]
    public async Task SessionEndedByThePeer_ThrowsSessionException()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISession session = await SessionAsync(server);
        ValueTask<ISender> creating = session.CreateSenderAsync("q", BoundedWaits.Stop);
        await server.Peer.AnswerAttachAsync();
        ISender sender = await creating.Bounded();
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();

        await server.Peer.SendAsync(new End { Error = new AmqpError(ErrorCondition.WindowViolation, "too fast") });

        SessionException exception = await sending.Throws<SessionException>();
        Assert.Equal(ErrorCondition.WindowViolation, exception.Error?.Condition);
        Assert.Contains("not sent", exception.Message, StringComparison.Ordinal);
        Assert.Equal(CloseInitiator.Remote, (await session.Closed.Bounded()).Initiator);
        await session.CreateSenderAsync("q", BoundedWaits.Stop).Throws<SessionException, ISender>();
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task SessionClosingWithAnError_SendIsRefusedAndTheConnectionLives()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISession session = await SessionAsync(server);
        ValueTask<ISender> creating = session.CreateSenderAsync("q", BoundedWaits.Stop);
        await server.Peer.AnswerAttachAsync();
        ISender sender = await creating.Bounded();
        Task closing = session.CloseAsync(new AmqpError("x:enough"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadUntilAsync<End>();

        await sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask().Throws<ObjectDisposedException>();

        await server.Peer.SendAsync(new End());
        await closing.Bounded();
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task ConnectionClosedByThePeer_ThrowsMessagingConnectionException()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        Task sent = sender.SendAsync(new Message("sent"), BoundedWaits.Stop).AsTask();
        Task unsent = sender.SendAsync(new Message("unsent"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        await server.Peer.SendAsync(new Close { Error = new AmqpError(ErrorCondition.ConnectionForced, "maintenance") });

        DeliveryInDoubtException inDoubt = await sent.Throws<DeliveryInDoubtException>();
        Assert.Contains("maintenance", inDoubt.Message, StringComparison.Ordinal);
        MessagingConnectionException exception = await unsent.Throws<MessagingConnectionException>();
        Assert.Equal(ErrorCondition.ConnectionForced, exception.Error?.Condition);
        Assert.True(exception.IsTransient);
        CloseReason reason = await server.Connection.Closed.Bounded();
        Assert.Equal(CloseInitiator.Remote, reason.Initiator);
        await server.Connection.CreateSenderAsync("q", BoundedWaits.Stop).Throws<MessagingConnectionException, ISender>();
        await sender.CloseAsync(BoundedWaits.Stop).Bounded();
        await server.Connection.CloseAsync(BoundedWaits.Stop).Bounded();
    }

    [Fact]
    public async Task ConnectionClosingWithAnError_SendIsRefused()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        Task closing = server.Connection.CloseAsync(new AmqpError("x:enough"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadUntilAsync<Close>();

        await sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask().Throws<ObjectDisposedException>();

        await server.Peer.SendAsync(new Close());
        await closing.Bounded();
        Assert.Null((await server.Connection.Closed.Bounded()).Exception);
    }

    [Fact]
    public async Task ConnectionClose_Twice_BothWaitForOutcomes()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        Task first = server.Connection.CloseAsync(BoundedWaits.Stop).AsTask();
        Task second = server.Connection.CloseAsync(BoundedWaits.Stop).AsTask();
        await server.FenceAsync();
        await server.FenceAsync();
        await server.Peer.SettleAsync(0, Accepted.Instance);

        await sending.Bounded();
        await server.Peer.ReadUntilAsync<Detach>();
        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true });
        await server.Peer.ReadUntilAsync<End>();
        await server.Peer.SendAsync(new End());
        await server.Peer.ReadUntilAsync<Close>();
        await server.Peer.SendAsync(new Close());
        await Task.WhenAll(first, second).Bounded();
    }

    [Theory]
    [InlineData(TerminusDurability.None, TerminusExpiryPolicy.SessionEnd, true)]
    [InlineData(TerminusDurability.Configuration, TerminusExpiryPolicy.SessionEnd, false)]
    [InlineData(TerminusDurability.None, TerminusExpiryPolicy.Never, false)]
    public async Task ReceiverDispose_ByTerminus_ClosesOrDetaches(TerminusDurability durability, TerminusExpiryPolicy expiry, bool closes)
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { Source = new Source { Durability = durability, ExpiryPolicy = expiry } });

        Task disposing = receiver.DisposeAsync().AsTask();

        Assert.Equal(closes, (await server.Peer.ReadUntilAsync<Detach>()).Closed);
        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = closes });
        await disposing.Bounded();
    }

    [Fact]
    public async Task Detach_KeepsTheTerminus()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();

        Task detaching = sender.DetachAsync(BoundedWaits.Stop).AsTask();

        Assert.False((await server.Peer.ReadAsync<Detach>()).Closed);
        await server.Peer.SendAsync(new Detach { Handle = 0 });
        await detaching.Bounded();
    }

    [Fact]
    public async Task Dispose_SilentPeer_EndsAfterFiveSecondsWithoutThrowing()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { IdleTimeout = TimeSpan.Zero }, new MessagingClientOptions { TimeProvider = time });
        ISender sender = await server.SenderAsync(credit: 1);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        Task link = sender.DisposeAsync().AsTask();
        await time.PassUntilAsync(link, TimeSpan.FromSeconds(5));
        Task connection = server.Connection.DisposeAsync().AsTask();
        await time.PassUntilAsync(connection, TimeSpan.FromSeconds(5));

        await link;
        await connection;
        await sending.Throws<DeliveryInDoubtException>();
    }

    [Fact]
    public async Task ClientDispose_ClosesItsConnectionsAndRefusesLaterCalls()
    {
        await using TestPair pair = await TestPair.OpenAsync();

        await pair.Client.DisposeAsync().Bounded();

        Assert.Equal(ConnectionState.Closed, pair.Connection.State);
        Assert.Equal(CloseInitiator.Remote, (await pair.Accepted.Closed.Bounded()).Initiator);
        await pair.Client.ConnectAsync(pair.Listener.Url, BoundedWaits.Stop).Throws<ObjectDisposedException, IConnection>();
    }

    private static async Task<ISession> SessionAsync(RawServer server)
    {
        ValueTask<ISession> creating = server.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();
        return await creating.Bounded();
    }
}
