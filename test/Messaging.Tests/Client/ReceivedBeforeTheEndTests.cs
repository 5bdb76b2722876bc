using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>What had come before the link ended, or came only in part.</summary>
public sealed class ReceivedBeforeTheEndTests
{
    private static readonly ReceiverOptions Manual = new() { CreditWindow = 0 };

    [Fact]
    public async Task LinkEnds_WhatThePeerHadSettled_IsStillHandedOut()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);
        await receiver.AddCreditAsync(3, BoundedWaits.Stop).Bounded();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("a")), settled: true);
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("b")), settled: false);
        await server.Peer.SendTransferAsync(2, RawPeer.Encode(new Message("c")), settled: true);

        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true });
        await receiver.Closed.Bounded();

        Assert.Equal("a", (await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).Message.Body);
        Assert.Equal("c", (await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).Message.Body);
        await receiver.ReceiveAsync(BoundedWaits.Stop).Throws<LinkException, IDelivery>();
    }

    [Fact]
    public async Task AbortedDelivery_GivesItsManualCreditBack()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(Manual);
        await receiver.AddCreditAsync(2, BoundedWaits.Stop).Bounded();
        Assert.Equal(2u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);

        await server.Peer.SendTransferAsync(0, [1, 2, 3], more: true);
        await server.Peer.SendTransferAsync(0, [], aborted: true);

        Flow flow = await server.Peer.ReadAsync<Flow>();
        Assert.Equal((1u, 2u), (flow.DeliveryCount!.Value, flow.LinkCredit!.Value));
    }

    [Fact]
    public async Task Message_HasTheFormatOfItsTransfer()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("a") { MessageFormat = 0x8001_3700 }, BoundedWaits.Stop).AsTask();

        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        await delivery.AcceptAsync(BoundedWaits.Stop);

        Assert.Equal(0x8001_3700u, delivery.Message.MessageFormat);
        await sending.Bounded();
    }
}
