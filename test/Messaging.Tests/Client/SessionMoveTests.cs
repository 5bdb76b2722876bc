using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>A server that ends the whole session for one bad link, as RabbitMQ does (design section 4, "Default session").</summary>
public sealed class SessionMoveTests
{
    private static readonly AmqpError NotFound = new(ErrorCondition.NotFound, "no queue 'bad'");

    [Fact]
    public async Task BadLink_SessionEnds_PendingAttachFailsAndTheOthersMove()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender good = await server.SenderAsync(credit: 5, new SenderOptions { OnConnectionLoss = ConnectionLossBehavior.Surface });
        ISentDelivery inFlight = await good.SendTrackedAsync(new Message("in flight"), BoundedWaits.Stop).Bounded();
        await server.Peer.ReadAsync<RawTransfer>();
        Task<ISender> bad = server.Connection.CreateSenderAsync("bad", BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<Attach>();

        await server.Peer.SendAsync(new End { Error = NotFound });

        LinkException exception = await bad.Throws<LinkException>();
        Assert.Equal(ErrorCondition.NotFound, exception.Error?.Condition);
        Assert.Contains("'bad'", exception.Message, StringComparison.Ordinal);
        await inFlight.Outcome.Throws<DeliveryInDoubtException>();
        await server.Peer.ReadUntilAsync<End>();
        Attach again = await AnswerMoveAsync(server.Peer);
        Assert.Equal(good.Name, again.Name);
        Task sending = good.SendAsync(new Message("after"), BoundedWaits.Stop).AsTask();
        await server.Peer.GiveCreditAsync(5, again.InitialDeliveryCount ?? 0);
        Assert.Equal(RawPeer.Encode(new Message("after")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sending.Bounded();
        Assert.False(good.Closed.IsCompleted);
    }

    [Fact]
    public async Task BadLink_SessionEnds_QueuedSendsGoOutOnTheNewSession()
    {
        await using RawServer server = await RawServer.OpenAsync(open: new Open { ContainerId = "raw", MaxFrameSize = 512 });
        ISender good = await server.SenderAsync(credit: 1, window: 1);
        Task partly = good.SendAsync(new Message(new byte[1000]), BoundedWaits.Stop).AsTask();
        Task queued = good.SendAsync(new Message("queued"), BoundedWaits.Stop).AsTask();
        Assert.True((await server.Peer.ReadAsync<RawTransfer>()).More);
        await server.FenceAsync();

        await server.Peer.SendAsync(new End { Error = NotFound });

        await server.Peer.ReadUntilAsync<End>();
        Attach again = await AnswerMoveAsync(server.Peer);
        await server.Peer.GiveCreditAsync(5, again.InitialDeliveryCount ?? 0);
        byte[] first = [];
        RawTransfer transfer;
        do
        {
            transfer = await server.Peer.ReadUntilAsync<RawTransfer>();
            first = [.. first, .. transfer.Payload];
        }
        while (transfer.More);
        Assert.Equal(RawPeer.Encode(new Message(new byte[1000])), first);
        Assert.Equal(RawPeer.Encode(new Message("queued")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance, last: 1);
        await Task.WhenAll(partly, queued).Bounded();
    }

    [Fact]
    public async Task ReplacementEndsToo_EachLinkGetsASessionOfItsOwn()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender first = await server.SenderAsync();
        ValueTask<ISender> creating = server.Connection.CreateSenderAsync("q2", BoundedWaits.Stop);
        await server.Peer.AnswerAttachAsync();
        ISender second = await creating.Bounded();

        await server.Peer.SendAsync(new End { Error = NotFound });
        await server.Peer.ReadUntilAsync<End>();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.ReadUntilAsync<Attach>();
        await server.Peer.ReadUntilAsync<Attach>();
        await server.Peer.SendAsync(new End { Error = NotFound });
        await server.Peer.ReadUntilAsync<End>();

        List<ushort> channels = [];
        while (channels.Count < 2)
        {
            if (await server.Peer.ReadAsync() is { Body: Begin } frame)
            {
                channels.Add(frame.Channel);
                await server.Peer.SendAsync(new Begin { RemoteChannel = frame.Channel, NextOutgoingId = 0, IncomingWindow = 10, OutgoingWindow = 10 }, (ushort)(10 + frame.Channel));
            }
        }

        string one = (await server.Peer.ReadUntilAsync<Attach>()).Name;
        string other = (await server.Peer.ReadUntilAsync<Attach>()).Name;
        Assert.Equal(2, channels.Distinct().Count());
        Assert.Equal((first.Name, second.Name), one == first.Name ? (one, other) : (other, one));
    }

    [Fact]
    public async Task BadLink_SessionEnds_AReceiverGoesOn()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { MaxUnsettled = 1 });
        Task<IDelivery> first = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("lost")));
        IDelivery lost = await first.Bounded();
        Task<IDelivery> second = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();

        await server.Peer.SendAsync(new End { Error = NotFound });
        await server.Peer.ReadUntilAsync<End>();
        await AnswerMoveAsync(server.Peer);
        Assert.Equal(1u, (await server.Peer.ReadUntilAsync<Flow>()).LinkCredit);
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("again")));

        Assert.Equal("again", (await second.Bounded()).Message.Body);
        DeliveryLostException exception = await Assert.ThrowsAsync<DeliveryLostException>(() => lost.AcceptAsync(BoundedWaits.Stop).AsTask());
        Assert.True(exception.IsTransient);
        Assert.Equal("lost", lost.Message.Body);
    }

    private static async Task<Attach> AnswerMoveAsync(RawPeer peer)
    {
        await peer.AnswerBeginAsync();
        return await peer.AnswerAttachAsync();
    }
}
