using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Listening;

/// <summary>A link that a peer resumes, as a listener's application sees it.</summary>
public sealed class IncomingResumeTests
{
    [Fact]
    public async Task AcceptReceiver_WithTheMaps_ResumedDeliveriesAreKnown()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        (IIncomingLink link, Task<Attach> answer) = await AttachAsync(pair, peer, Map(([1], null), ([2], new Received(1, 2))));

        Assert.Equal(new Received(1, 2), link.Unsettled![new byte[] { 2 }]);
        Assert.False(link.Unsettled.ContainsKey(new byte[] { 3 }));
        IReceiver receiver = await link.AcceptReceiverAsync(
            new IncomingReceiverOptions { CreditWindow = 0, InitialCredit = 10, Unsettled = new Dictionary<ReadOnlyMemory<byte>, DeliveryState?> { [new byte[] { 1 }] = Accepted.Instance } },
            BoundedWaits.Stop).Bounded();

        Assert.IsType<Accepted>((await answer).Unsettled![new byte[] { 1 }]);
        await SendAsync(peer, 0, [2], resume: true); // not in our map: ignored
        await SendAsync(peer, 1, [1], resume: true);
        IDelivery resumed = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        Assert.True(resumed.IsResumed);
        Assert.Equal(new byte[] { 1 }, resumed.Tag.ToArray());
        await SendAsync(peer, 2, [4], resume: false);
        Assert.False((await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).IsResumed);
    }

    [Fact]
    public async Task Unsettled_NoMap_IsNull()
    {
        await using TestPair pair = await TestPair.ListenAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);

        (IIncomingLink link, Task<Attach> answer) = await AttachAsync(pair, peer, unsettled: null);

        Assert.Null(link.Unsettled);
        await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        Assert.Null((await answer).Unsettled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Closed_TellsWhetherTheLinkMayBeResumed(bool closed)
    {
        await using TestPair pair = await TestPair.ListenAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        (IIncomingLink link, Task<Attach> answer) = await AttachAsync(pair, peer, unsettled: null);
        IReceiver receiver = await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        await answer;

        await peer.SendAsync(new Detach { Closed = closed });

        Assert.Equal(closed, (await receiver.Closed.Bounded()).IsClosedByPeer);
    }

    private static async Task<(IIncomingLink Link, Task<Attach> Answer)> AttachAsync(TestPair pair, RawPeer peer, IReadOnlyDictionary<object, object?>? unsettled)
    {
        Task opening = peer.OpenAsClientAsync();
        IConnection connection = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await opening;
        await peer.BeginAsync();
        await peer.SendAsync(new Attach
        {
            Name = "link",
            Source = new Source(),
            Target = new Target { Address = "q" },
            InitialDeliveryCount = 0,
            RcvSettleMode = ReceiverSettleMode.Second,
            Unsettled = unsettled,
        });
        await foreach (IIncomingLink link in connection.IncomingLinksAsync(BoundedWaits.Stop))
            return (link, peer.ReadUntilAsync<Attach>());
        throw new InvalidOperationException("No link came.");
    }

    private static async Task SendAsync(RawPeer peer, uint id, byte[] tag, bool resume)
    {
        using var writer = new AmqpWriter();
        var transfer = new Transfer { DeliveryId = id, DeliveryTag = tag, HasDeliveryTag = true, Resume = resume };
        FrameWriter.WriteTransfer(writer, 0, in transfer, RawPeer.Encode(new Message("x")));
        await peer.SendRawAsync(writer.WrittenSpan.ToArray());
    }

    private static Dictionary<object, object?> Map(params (byte[] Tag, DeliveryState? State)[] entries)
    {
        Dictionary<object, object?> map = Unsettled.NewMap();
        foreach ((byte[] tag, DeliveryState? state) in entries)
            map.Add(tag, state);
        return map;
    }
}
