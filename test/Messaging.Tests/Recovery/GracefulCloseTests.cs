using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>A connection that is closed with a deadline: what may still finish, and what is reported.</summary>
public class GracefulCloseTests
{
    [Fact]
    public async Task Close_EverythingFinishes_TheReportIsClean()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        Task<CloseReport> closing = server.Connection.CloseAsync(TimeSpan.FromMinutes(1), BoundedWaits.Stop).AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => UntilRefusedAsync(sender));
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await server.Peer.ReadUntilAsync<Close>();
        await server.Peer.SendAsync(new Close());

        Assert.True((await closing.Bounded()).IsClean);
        await sending.Bounded();
    }

    [Fact]
    public async Task Close_DeadlineIsOver_ReportsWhatIsLeft()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { IdleTimeout = TimeSpan.Zero }, new MessagingClientOptions { TimeProvider = time });
        ISender sender = await server.SenderAsync(credit: 1);
        Task sent = sender.SendAsync(new Message("sent"), BoundedWaits.Stop).AsTask();
        Task queued = sender.SendAsync(new Message("queued"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();

        Task<CloseReport> closing = server.Connection.CloseAsync(TimeSpan.FromSeconds(3), BoundedWaits.Stop).AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => UntilRefusedAsync(sender));
        time.Advance(TimeSpan.FromSeconds(3));
        await server.Peer.ReadUntilAsync<Close>();
        await server.Peer.SendAsync(new Close());

        CloseReport report = await closing.Bounded();
        Assert.Equal((1, 1, 0), (report.Unsent, report.InDoubt, report.Unsettled));
        Assert.True(report.Elapsed >= TimeSpan.FromSeconds(3));
        await sent.Throws<DeliveryInDoubtException>();
        await queued.ThrowsAny<Exception>();
    }

    [Fact]
    public async Task Close_Receiver_DrainsReleasesAndWaitsForWhatWasHandedOut()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        Task<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("handed out")));
        IDelivery delivery = await receiving.Bounded();
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("prefetched")));
        await server.FenceAsync();

        Task<CloseReport> closing = server.Connection.CloseAsync(TimeSpan.FromMinutes(1), BoundedWaits.Stop).AsTask();
        Flow drain = await server.Peer.ReadUntilAsync<Flow>();
        Assert.True(drain.Drain);
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 2, OutgoingWindow = 100, Handle = 0, DeliveryCount = 10, LinkCredit = 0, Drain = true });
        Disposition released = await server.Peer.ReadUntilAsync<Disposition>();
        Assert.Equal((1u, (DeliveryState)Released.Instance), (released.First, released.State));
        await delivery.AcceptAsync(BoundedWaits.Stop).Bounded();
        await server.Peer.ReadUntilAsync<Close>();
        await server.Peer.SendAsync(new Close());

        CloseReport report = await closing.Bounded();
        Assert.Equal((1, 0, true), (report.Released, report.Unsettled, report.IsClean));
    }

    [Fact]
    public async Task Close_ReceiverWithModeSecond_EndsWithTheSendersLastSettlement()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 1, SettleMode = ReceiverSettleMode.Second });
        Task<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        IDelivery delivery = await receiving.Bounded();
        Task accepting = delivery.AcceptAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadUntilAsync<Disposition>();

        Task<CloseReport> closing = server.Connection.CloseAsync(TimeSpan.FromMinutes(10), BoundedWaits.Stop).AsTask();
        if ((await server.Peer.ReadUntilAsync<Flow>()) is { Drain: false })
            await server.Peer.ReadUntilAsync<Flow>();
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 1, OutgoingWindow = 100, Handle = 0, DeliveryCount = 2, LinkCredit = 0, Drain = true });
        await server.FenceAsync();
        Assert.False(closing.IsCompleted);
        await server.Peer.SettleAsync(0, Accepted.Instance, receiver: false);
        await server.Peer.ReadUntilAsync<Close>();
        await server.Peer.SendAsync(new Close());

        await accepting.Bounded();
        Assert.True((await closing.Bounded()).IsClean);
    }

    [Fact]
    public async Task Close_ConnectionIsLostForGoodMeanwhile_ReportsWhatFailedWithIt()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        Task sent = sender.SendAsync(new Message("sent"), BoundedWaits.Stop).AsTask();
        Task queued = sender.SendAsync(new Message("queued"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        Task<CloseReport> closing = server.Connection.CloseAsync(TimeSpan.FromMinutes(10), BoundedWaits.Stop).AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => UntilRefusedAsync(sender));

        await server.Peer.DisposeAsync();

        CloseReport report = await closing.Bounded();
        Assert.Equal((1, 1, false), (report.Unsent, report.InDoubt, report.IsClean));
        await sent.Throws<DeliveryInDoubtException>();
        await queued.ThrowsAny<Exception>();
    }

    [Fact]
    public async Task Close_ConnectionIsLostMeanwhile_ReportsWhatWasHandedOut()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { MaxPendingSends = 1 });
        ISender sender = await server.SenderAsync();
        Task<IReceiver> creating = server.Connection.CreateReceiverAsync("r", BoundedWaits.Stop).AsTask();
        Attach attach = await server.Peer.AnswerAttachAsync();
        Task<IDelivery> receiving = (await creating.Bounded()).ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadUntilAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")), handle: attach.Handle);
        await receiving.Bounded();
        Task<CloseReport> closing = server.Connection.CloseAsync(TimeSpan.FromMinutes(10), BoundedWaits.Stop).AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => UntilRefusedAsync(sender));

        await server.Peer.DisposeAsync();

        CloseReport report = await closing.Bounded();
        Assert.Equal((1, false), (report.Unsettled, report.IsClean));
    }

    [Fact]
    public async Task Close_ConnectionIsLostBeforeTheReceiverIsToldToStop_ReportsWhatWasHandedOut()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync();
        Task<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadUntilAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        await receiving.Bounded();
        var connection = (Connection)server.Connection;
        LinkEndpoint link = (LinkEndpoint)receiver;
        await connection.Loop.InvokeAsync(() => connection.IsStopping = true).Bounded(); // the first step of the close

        await server.Peer.DisposeAsync();

        await receiver.Closed.Bounded();
        Assert.Equal(1, link.Remains.Unsettled);
    }

    [Fact]
    public async Task Close_SendsThatWaitForRoom_AreReported()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await RawServer.OpenAsync(
            new ConnectionOptions { IdleTimeout = TimeSpan.Zero, MaxPendingSends = 1 }, new MessagingClientOptions { TimeProvider = time });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        Task inside = sender.SendAsync(new Message("inside"), BoundedWaits.Stop).AsTask();
        Task outside = sender.SendAsync(new Message("outside"), BoundedWaits.Stop).AsTask();

        CloseReport report = await server.Connection.CloseAsync(TimeSpan.Zero, BoundedWaits.Stop).Bounded();

        Assert.Equal(2, report.Unsent);
        await inside.ThrowsAny<Exception>();
        await outside.ThrowsAny<Exception>();
    }

    [Fact]
    public async Task Close_LinksCreatedMeanwhile_AreRefused()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 1);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        Task<CloseReport> closing = server.Connection.CloseAsync(TimeSpan.FromMinutes(10), BoundedWaits.Stop).AsTask();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => UntilRefusedAsync(sender));

        await server.Connection.CreateReceiverAsync("q", BoundedWaits.Stop).Throws<MessagingConnectionException, IReceiver>();

        await server.Peer.SettleAsync(0, Accepted.Instance);
        await server.Peer.ReadUntilAsync<Close>();
        await server.Peer.SendAsync(new Close());
        await closing.Bounded();
        await sending.Bounded();
    }

    private static async Task UntilRefusedAsync(ISender sender)
    {
        while (true)
        {
            if (sender.TrySend(new Message("y"), out _))
                Assert.Fail("There was no credit to send on.");
            await Task.Run(static () => { }, BoundedWaits.Stop);
        }
    }
}
