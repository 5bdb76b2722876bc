using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Client;

/// <summary>Cancelling a send and its time limits (design section 4).</summary>
public sealed class CancellationTests
{
    private static readonly TimeSpan OperationTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Send_TokenAlreadyCancelled_IsNotSent()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);

        await sender.SendAsync(new Message("x"), new CancellationToken(canceled: true)).Throws<TaskCanceledException>();

        Assert.Equal(1, sender.Credit);
    }

    [Fact]
    public async Task Send_CancelledBeforeTheFirstFrame_IsNotSent()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        using var stop = new CancellationTokenSource();
        Task sending = sender.SendAsync(new Message("cancelled"), stop.Token).AsTask();

        await stop.CancelAsync();

        OperationCanceledException exception = await sending.Throws<OperationCanceledException>();
        Assert.Equal(stop.Token, exception.CancellationToken);
        Task second = sender.SendAsync(new Message("second"), BoundedWaits.Stop).AsTask();
        await server.Peer.GiveCreditAsync(1);
        Assert.Equal(RawPeer.Encode(new Message("second")), (await server.Peer.ReadAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await second.Bounded();
    }

    [Fact]
    public async Task SendBatch_CancelledBeforeItsSendIsQueued_LeavesTheOthersInTheQueue()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        Task first = sender.SendAsync(new Message("first"), BoundedWaits.Stop).AsTask();
        using var stop = new CancellationTokenSource();

        await sender.SendBatchAsync(CancelThenGive(stop), stop.Token).AsTask().ThrowsAny<OperationCanceledException>();

        await server.Peer.GiveCreditAsync(1);
        Assert.Equal(RawPeer.Encode(new Message("first")), (await server.Peer.ReadAsync<RawTransfer>()).Payload);
        Task closing = sender.CloseAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await first.Bounded();
        Detach detach = await server.Peer.ReadAsync<Detach>();
        await server.Peer.SendAsync(new Detach { Handle = detach.Handle, Closed = true });
        await closing.Bounded();

        static IEnumerable<Message> CancelThenGive(CancellationTokenSource stop)
        {
            stop.Cancel();
            yield return new Message("cancelled");
        }
    }

    [Fact]
    public async Task Send_CancelledInTheMiddle_IsAborted()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { MaxFrameSize = 512 }, open: new Open { ContainerId = "raw", MaxFrameSize = 512 });
        ISender sender = await server.SenderAsync(credit: 5, window: 2);
        using var stop = new CancellationTokenSource();
        Task sending = sender.SendAsync(new Message(new byte[5000]), stop.Token).AsTask();
        Assert.True((await server.Peer.ReadAsync<RawTransfer>()).More);
        Assert.True((await server.Peer.ReadAsync<RawTransfer>()).More);

        await stop.CancelAsync();

        await sending.Throws<OperationCanceledException>();
        await server.Peer.SendAsync(new Flow { NextIncomingId = 2, IncomingWindow = 100, NextOutgoingId = 0, OutgoingWindow = 100 });
        RawTransfer last = await server.Peer.ReadAsync<RawTransfer>();
        Assert.True(last.Aborted);
        await BoundedWaits.UntilAsync(() => sender.Credit == 4);
    }

    [Fact]
    public async Task Send_CancelledAfterTheLastFrame_IsInDoubt()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 5);
        using var stop = new CancellationTokenSource();
        Task sending = sender.SendAsync(new Message("x"), stop.Token).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        await stop.CancelAsync();

        SendCanceledInDoubtException exception = await sending.Throws<SendCanceledInDoubtException>();
        Assert.Equal(stop.Token, exception.CancellationToken);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        Task second = sender.SendAsync(new Message("second"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.SettleAsync(1, Accepted.Instance);
        await second.Bounded();
    }

    [Fact]
    public async Task SendTracked_CancelledBeforeAndAfter_ThrowsOnlyBefore()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync();
        using var stop = new CancellationTokenSource();
        ValueTask<ISentDelivery> unsent = sender.SendTrackedAsync(new Message("x"), stop.Token);

        await stop.CancelAsync();

        await unsent.Throws<OperationCanceledException, ISentDelivery>();
        await server.Peer.GiveCreditAsync(1);
        using var late = new CancellationTokenSource();
        ISentDelivery sent = await sender.SendTrackedAsync(new Message("y"), late.Token).Bounded();
        await late.CancelAsync();
        await server.Peer.SettleAsync(0, Released.Instance);
        Assert.Same(Released.Instance, await sent.Outcome.Bounded());
    }

    [Fact]
    public async Task Send_NoCreditWithinTheOperationTimeout_IsNotSent()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync();

        Task sending = sender.SendAsync(new Message("x"), CancellationToken.None).AsTask();
        await time.PassUntilAsync(sending, OperationTimeout);

        TimeoutException exception = await sending.Throws<TimeoutException>();
        Assert.Contains("not sent", exception.Message, StringComparison.Ordinal);
        Assert.Contains("OperationTimeout", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_NoOutcomeWithinTheOperationTimeout_IsInDoubt()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        ISender sender = await server.SenderAsync(credit: 1);

        Task sending = sender.SendAsync(new Message("x"), CancellationToken.None).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        await time.PassUntilAsync(sending, OperationTimeout);

        await sending.Throws<DeliveryInDoubtException>();
    }

    [Fact]
    public async Task Receive_NothingWithinTheOperationTimeout_ThrowsTimeout()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);
        IReceiver receiver = await server.ReceiverAsync();

        Task receiving = receiver.ReceiveAsync(CancellationToken.None).AsTask();
        await time.PassUntilAsync(receiving, OperationTimeout);

        await receiving.Throws<TimeoutException>();
    }

    [Fact]
    public async Task CreateSender_BeginUnanswered_ThrowsTimeout()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);

        Task creating = server.Connection.CreateSenderAsync("q", CancellationToken.None).AsTask();
        await server.Peer.ReadAsync<Begin>();
        await time.PassUntilAsync(creating, OperationTimeout);

        await creating.Throws<TimeoutException>();
    }

    [Fact]
    public async Task CreateSender_AttachUnanswered_ThrowsTimeoutAndDetaches()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time);

        Task creating = server.Connection.CreateSenderAsync("q", CancellationToken.None).AsTask();
        await server.Peer.AnswerBeginAsync();
        Attach attach = await server.Peer.ReadAsync<Attach>();
        await time.PassUntilAsync(creating, OperationTimeout);

        TimeoutException exception = await creating.Throws<TimeoutException>();
        Assert.Contains("'q'", exception.Message, StringComparison.Ordinal);
        Assert.True((await server.Peer.ReadAsync<Detach>()).Closed);

        // The late answer is ignored, and the session goes on.
        await server.Peer.SendAsync(RawPeer.Answer(attach));
        await server.Peer.SendAsync(new Detach { Handle = attach.Handle, Closed = true });
        ValueTask<ISender> again = server.Connection.CreateSenderAsync("q", BoundedWaits.Stop);
        await server.Peer.AnswerAttachAsync();
        await again.Bounded();
    }

    [Fact]
    public async Task CreateSender_TokenAlreadyCancelled_SendsNothing()
    {
        await using RawServer server = await RawServer.OpenAsync();

        await server.Connection.CreateSenderAsync("q", new CancellationToken(canceled: true)).AsTask().ThrowsAny<OperationCanceledException>();
        await server.Connection.CreateSessionAsync(cancellationToken: new CancellationToken(canceled: true)).AsTask().ThrowsAny<OperationCanceledException>();

        Task closing = server.Connection.CloseAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<Close>();
        await server.Peer.SendAsync(new Close());
        await closing.Bounded();
    }

    [Fact]
    public async Task CreateSender_CancelledOnAnEndedSession_LeavesTheConnectionAlone()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ValueTask<ISession> creating = server.Connection.CreateSessionAsync(cancellationToken: BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();
        ISession session = await creating.Bounded();
        await server.Peer.SendAsync(new End());
        await session.Closed.Bounded();
        using var stop = new CancellationTokenSource();

        // The loop is kept busy until the token is cancelled, so that attach and abandon come one right after the other.
        using var gate = new ManualResetEventSlim();
        Task blocked = ((Messaging.Client.Connection)server.Connection).Loop.InvokeAsync(() => gate.Wait(BoundedWaits.Stop));
        Task<ISender> attaching = session.CreateSenderAsync("q", stop.Token).AsTask();
        await stop.CancelAsync();
        gate.Set();

        await blocked.Bounded();
        await attaching.ThrowsAny<OperationCanceledException>();
        await server.FenceAsync();
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    private static Task<RawServer> OpenAsync(FakeTimeProvider time) =>
        RawServer.OpenAsync(new ConnectionOptions { IdleTimeout = TimeSpan.Zero }, new MessagingClientOptions { TimeProvider = time });
}
