using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>A link that takes less than before, once it is back: what waits and is larger is refused, and the others go out.</summary>
public class MessageSizeAfterLossTests
{
    private static readonly byte[] Large = new byte[500];

    [Fact]
    public async Task SendWhileDisconnected_LargerThanTheNewLinkTakes_IsRefusedAndTheOthersGoOut()
    {
        using var log = new LogCapture();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions(), new MessagingClientOptions { LoggerFactory = log });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        Task first = sender.SendAsync(new Message("1"), BoundedWaits.Stop).AsTask();
        Task large = sender.SendAsync(new Message(Large), BoundedWaits.Stop).AsTask();
        Task<ISentDelivery> tracked = sender.SendTrackedAsync(new Message(Large), BoundedWaits.Stop).AsTask();
        Task last = sender.SendAsync(new Message("2"), BoundedWaits.Stop).AsTask();

        await ComeBackAsync(server, limit: 100);

        LinkException refused = await large.Throws<LinkException>();
        Assert.Equal((ErrorCondition.MessageSizeExceeded, false), (refused.Error?.Condition, refused.IsTransient));
        Assert.Contains("at most 100 bytes", refused.Message, StringComparison.Ordinal);
        Assert.Contains("not sent", refused.Message, StringComparison.Ordinal);
        await tracked.Throws<LinkException>();
        await server.Peer.GiveCreditAsync(5);
        Assert.Equal(RawPeer.Encode(new Message("1")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        Assert.Equal(RawPeer.Encode(new Message("2")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance, last: 1);
        await Task.WhenAll(first, last).Bounded();
        await server.FenceAsync();
        Assert.Equal((3, LinkState.Attached), (sender.Credit, sender.State));
        Assert.Contains("2 messages", Assert.Single(log.Lines, line => line.Id == 3014).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendThatWaitedForRoom_LargerThanTheNewLinkTakes_IsRefused()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions { MaxPendingSends = 1 });
        ISender sender = await server.SenderAsync();
        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        Task inside = sender.SendAsync(new Message("1"), BoundedWaits.Stop).AsTask();
        Task outside = sender.SendAsync(new Message(Large), BoundedWaits.Stop).AsTask();

        await ComeBackAsync(server, limit: 100);

        await outside.Throws<LinkException>();
        await server.Peer.GiveCreditAsync(1);
        await server.Peer.ReadUntilAsync<RawTransfer>();
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await inside.Bounded();
    }

    [Fact]
    public async Task SentBeforeTheLoss_LargerThanTheNewLinkTakes_IsInDoubt()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 1);
        Task sent = sender.SendAsync(new Message(Large), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.DisposeAsync();

        await ComeBackAsync(server, limit: 100);

        DeliveryInDoubtException doubt = await sent.Throws<DeliveryInDoubtException>();
        Assert.Contains("at most 100 bytes", doubt.Message, StringComparison.Ordinal);
        await AssertGoesOnAsync(server, sender);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Resume_LargerThanTheNewLinkTakes_IsInDoubtUnlessThePeerHasIt(bool peerHasIt)
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 1, new SenderOptions { OnConnectionLoss = ConnectionLossBehavior.Resume });
        Task sent = sender.SendAsync(new Message(Large), BoundedWaits.Stop).AsTask();
        byte[] tag = (await server.Peer.ReadAsync<RawTransfer>()).Tag;
        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Attach again = await server.Peer.ReadUntilAsync<Attach>();

        await server.Peer.SendAsync(RawPeer.Answer(again) with
        {
            MaxMessageSize = 100,
            Unsettled = new Dictionary<object, object?> { [tag] = peerHasIt ? Accepted.Instance : null },
        });

        if (peerHasIt)
            await sent.Bounded();
        else
            await sent.Throws<DeliveryInDoubtException>();
        Assert.False(sender.Closed.IsCompleted);
    }

    /// <summary>The link itself lives, and what is small enough goes out.</summary>
    private static async Task AssertGoesOnAsync(RawServer server, ISender sender)
    {
        Task next = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.Peer.GiveCreditAsync(1);
        Assert.Equal(RawPeer.Encode(new Message("x")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await next.Bounded();
        Assert.Equal(0, sender.Credit);
    }

    private static async Task ComeBackAsync(RawServer server, ulong limit)
    {
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.AnswerAttachAsync(limit);
    }
}
