using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>The rows of the resume decision (AMQP 1.0 part 2, 2.6.13), seen on the wire: what the peer's map says of a message that was sent and not settled.</summary>
public class SenderResumeTests
{
    private static readonly byte[] Payload = RawPeer.Encode(new Message("1"));

    [Fact]
    public async Task Attach_Resume_AsksThePeerToKeepTheLink()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ValueTask<ISender> creating = server.Connection.CreateSenderAsync("q", Options(), BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();

        Attach attach = await server.Peer.AnswerAttachAsync();

        await creating.Bounded();
        Assert.Equal(ReceiverSettleMode.Second, attach.RcvSettleMode);
        Assert.Equal((TerminusExpiryPolicy.ConnectionClose, 300u), (((Target)attach.Target!).ExpiryPolicy, ((Target)attach.Target).Timeout));
        Assert.Null(attach.Unsettled);
    }

    [Fact]
    public async Task Attach_ResumeWithATerminusOfTheApplication_KeepsIt()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        SenderOptions options = Options();
        options.Target = new Target { ExpiryPolicy = TerminusExpiryPolicy.Never, Durability = TerminusDurability.UnsettledState };
        ValueTask<ISender> creating = server.Connection.CreateSenderAsync("q", options, BoundedWaits.Stop);
        await server.Peer.AnswerBeginAsync();

        Attach attach = await server.Peer.AnswerAttachAsync();

        await creating.Bounded();
        Assert.Equal((TerminusExpiryPolicy.Never, TerminusDurability.UnsettledState), (((Target)attach.Target!).ExpiryPolicy, ((Target)attach.Target).Durability));
    }

    [Fact]
    public async Task PeerHasAccepted_TheSendCompletesAndIsSettledByAResumedTransfer()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);

        Attach again = await ReattachAsync(server, Map((tag, Accepted.Instance)));

        Assert.Equal([tag], again.Unsettled!.Keys);
        Assert.Null(Assert.Single(again.Unsettled.Values));
        Assert.IsType<Accepted>(await sent.Outcome.Bounded());
        await server.Peer.GiveCreditAsync(5);
        RawTransfer settlement = await server.Peer.ReadUntilAsync<RawTransfer>();
        Assert.Equal((true, true, 0), (settlement.Resume, settlement.Settled, settlement.Payload.Length));
        Assert.Equal(tag, settlement.Tag);
        Assert.Equal(1, sent.Attempts);
    }

    [Fact]
    public async Task PeerHasRejected_TheSendFailsWithItsError()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 5, Options());
        Task sending = sender.SendAsync(new Message("1"), BoundedWaits.Stop).AsTask();
        byte[] tag = (await server.Peer.ReadAsync<RawTransfer>()).Tag;

        await ReattachAsync(server, Map((tag, new Rejected(new AmqpError("amqp:not-allowed", "no")))));

        Assert.Equal("amqp:not-allowed", (await sending.Throws<DeliveryRejectedException>()).Error?.Condition.Value);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PeerHasItInPartOrUndecided_TheTransferIsResumedWhole(bool inPart)
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);

        await ReattachAsync(server, Map((tag, inPart ? new Received(0, 3) : null)));

        await server.Peer.GiveCreditAsync(5);
        RawTransfer resumed = await server.Peer.ReadUntilAsync<RawTransfer>();
        Assert.Equal((true, false), (resumed.Resume, resumed.Settled));
        Assert.Equal(tag, resumed.Tag);
        Assert.Equal(Payload, resumed.Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance, settled: false);
        Assert.IsType<Accepted>(await sent.Outcome.Bounded());
        Assert.True((await server.Peer.ReadUntilAsync<Disposition>()).Settled);
        Assert.Equal(1, sent.Attempts);
    }

    [Fact]
    public async Task PeerDoesNotKnowIt_ItIsSentAsNewUnderTheSameTag()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);

        await ReattachAsync(server, Map());

        await server.Peer.GiveCreditAsync(5);
        RawTransfer anew = await server.Peer.ReadUntilAsync<RawTransfer>();
        Assert.False(anew.Resume);
        Assert.Equal(tag, anew.Tag);
        Assert.Equal(Payload, anew.Payload);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sent.Outcome.Bounded();
        Assert.Equal(1, sent.Attempts); // the first one is known not to have arrived
    }

    [Fact]
    public async Task PeerHasNoMap_ItIsResentAndSaysSo()
    {
        var log = new LogCapture();
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions(), new MessagingClientOptions { LoggerFactory = log });
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);

        await ReattachAsync(server, unsettled: null);

        await server.Peer.GiveCreditAsync(5);
        RawTransfer anew = await server.Peer.ReadUntilAsync<RawTransfer>();
        Assert.False(anew.Resume);
        Assert.Equal(tag, anew.Tag);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sent.Outcome.Bounded();
        Assert.Equal(2, sent.Attempts);
        Assert.Contains(log.Lines, line => line.Id == 3009);
    }

    [Fact]
    public async Task AllRowsAtOnce_OrderIsKeptAndNewSendsWait()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 10, Options());
        var sends = new List<ISentDelivery>();
        var tags = new List<byte[]>();
        for (int i = 0; i < 4; i++)
        {
            sends.Add(await sender.SendTrackedAsync(new Message(i), BoundedWaits.Stop).Bounded());
            tags.Add((await server.Peer.ReadAsync<RawTransfer>()).Tag);
        }

        await server.Peer.DisposeAsync();
        await server.StateAsync(ConnectionState.Reconnecting);
        Task later = sender.SendAsync(new Message(4), BoundedWaits.Stop).AsTask();
        await AnswerAsync(server, Map((tags[0], Accepted.Instance), (tags[2], null)));

        await server.Peer.GiveCreditAsync(10);
        RawTransfer[] frames = [.. await TransfersAsync(server, 5)];
        Assert.Equal([true, false, true, false, false], frames.Select(frame => frame.Resume));
        Assert.Equal(tags, frames[..4].Select(frame => frame.Tag));
        Assert.DoesNotContain(frames[4].Tag, tags);
        await server.Peer.SettleAsync(1, Accepted.Instance, last: 4);
        await Task.WhenAll([later, .. sends.Select(send => send.Outcome)]).Bounded();
        Assert.Equal([1, 1, 1, 1], sends.Select(send => send.Attempts));
    }

    [Fact]
    public async Task LostAgainBeforeThePeerHasAnswered_TheMapIsTheSame()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);
        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.ReadUntilAsync<Attach>();

        Attach again = await ReattachAsync(server, Map((tag, Accepted.Instance)));

        Assert.Equal([tag], again.Unsettled!.Keys);
        Assert.IsType<Accepted>(await sent.Outcome.Bounded());
    }

    [Fact]
    public async Task LostAgainWhileResuming_TheMapIsTheSame()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);
        await ReattachAsync(server, Map((tag, null)));

        Attach again = await ReattachAsync(server, Map((tag, Accepted.Instance)));

        Assert.Equal([tag], again.Unsettled!.Keys);
        Assert.IsType<Accepted>(await sent.Outcome.Bounded());
        await server.Peer.GiveCreditAsync(5);
        await server.Peer.ReadUntilAsync<RawTransfer>();
        await server.FenceAsync();
        Assert.Equal(4, ((ISender)Sender!).Credit);
    }

    [Fact]
    public async Task PeerSettlesFirst_AbsenceIsNoProof()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, _) = await SendOneAsync(server);

        await ReattachAsync(server, Map(), ReceiverSettleMode.First);

        await server.Peer.GiveCreditAsync(5);
        await server.Peer.ReadUntilAsync<RawTransfer>();
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sent.Outcome.Bounded();
        Assert.Equal(2, sent.Attempts);
    }

    [Fact]
    public async Task PeersMapIsIncomplete_WhatItTellsIsTakenAndTheRestAskedAgain()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        ISender sender = await server.SenderAsync(credit: 10, Options());
        ISentDelivery first = await sender.SendTrackedAsync(new Message(1), BoundedWaits.Stop).Bounded();
        ISentDelivery second = await sender.SendTrackedAsync(new Message(2), BoundedWaits.Stop).Bounded();
        byte[] firstTag = (await server.Peer.ReadAsync<RawTransfer>()).Tag;
        byte[] secondTag = (await server.Peer.ReadAsync<RawTransfer>()).Tag;

        await ReattachAsync(server, Map((firstTag, Accepted.Instance)), isIncomplete: true);

        await first.Outcome.Bounded();
        Detach detach = await server.Peer.ReadUntilAsync<Detach>();
        Assert.False(detach.Closed);
        await server.Peer.SendAsync(new Detach());
        Attach again = await server.Peer.ReadUntilAsync<Attach>();
        Assert.Equal([secondTag], again.Unsettled!.Keys);
        await server.Peer.SendAsync(RawPeer.Answer(again) with { Unsettled = Map((secondTag, Accepted.Instance)) });
        await second.Outcome.Bounded();
    }

    [Fact]
    public async Task PeersMapIsIncompleteAndTellsNothing_TheRestIsResent()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);

        await ReattachAsync(server, Map(), isIncomplete: true);

        await server.Peer.ReadUntilAsync<Detach>();
        await server.Peer.SendAsync(new Detach());
        Attach again = await server.Peer.AnswerAttachAsync();
        Assert.Empty(again.Unsettled!);
        await server.Peer.GiveCreditAsync(5, handle: again.Handle);
        Assert.Equal(tag, (await server.Peer.ReadUntilAsync<RawTransfer>()).Tag);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sent.Outcome.Bounded();
        Assert.Equal(2, sent.Attempts);
    }

    [Fact]
    public async Task MapIsLargerThanAFrame_IsResent()
    {
        var open = new Open { ContainerId = "raw-server", MaxFrameSize = 512 };
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions(), open: open);
        ISender sender = await server.SenderAsync(credit: 200, Options());
        for (int i = 0; i < 100; i++)
        {
            await sender.SendTrackedAsync(new Message(i), BoundedWaits.Stop).Bounded();
            await server.Peer.ReadAsync<RawTransfer>();
        }

        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync(open);
        await server.Peer.AnswerBeginAsync();
        Attach again = await server.Peer.AnswerAttachAsync();

        Assert.Null(again.Unsettled);
        await server.Peer.GiveCreditAsync(200, handle: again.Handle);
        Assert.Equal(100, (await TransfersAsync(server, 100)).Count);
    }

    [Fact]
    public async Task PeerRefusesTheMap_TheLinkComesBackWithoutIt()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (ISentDelivery sent, byte[] tag) = await SendOneAsync(server);
        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Attach refused = await server.Peer.ReadUntilAsync<Attach>();

        await server.Peer.SendAsync(RawPeer.Answer(refused) with { Target = null });
        await server.Peer.SendAsync(new Detach { Closed = true, Error = new AmqpError("amqp:not-implemented", "link recovery not supported") });

        await server.Peer.ReadUntilAsync<Detach>();
        Attach again = await server.Peer.AnswerAttachAsync();
        Assert.Null(again.Unsettled);
        await server.Peer.GiveCreditAsync(5, handle: again.Handle);
        Assert.Equal(tag, (await server.Peer.ReadUntilAsync<RawTransfer>()).Tag);
        await server.Peer.SettleAsync(0, Accepted.Instance);
        await sent.Outcome.Bounded();
        Assert.Equal(2, sent.Attempts);
    }

    [Fact]
    public async Task PeerEndsTheSessionForTheMap_TheLinkComesBackWithoutIt()
    {
        await using RawServer server = await RawServer.OpenAsync(new ConnectionOptions());
        (_, byte[] tag) = await SendOneAsync(server);
        await server.Peer.DisposeAsync();
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        await server.Peer.ReadUntilAsync<Attach>();

        await server.Peer.SendAsync(new End { Error = new AmqpError("amqp:not-implemented", "link recovery not supported") });

        await server.Peer.AnswerBeginAsync(channel: 1);
        Attach again = await server.Peer.AnswerAttachAsync(channel: 1);
        Assert.Null(again.Unsettled);
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, OutgoingWindow = 100, Handle = again.Handle, DeliveryCount = 0, LinkCredit = 5 }, channel: 1);
        Assert.Equal(tag, (await server.Peer.ReadUntilAsync<RawTransfer>()).Tag);
    }

    private ISender? Sender { get; set; }

    private static SenderOptions Options() => new() { OnConnectionLoss = ConnectionLossBehavior.Resume };

    private async Task<(ISentDelivery Sent, byte[] Tag)> SendOneAsync(RawServer server)
    {
        Sender = await server.SenderAsync(credit: 5, Options());
        ISentDelivery sent = await Sender.SendTrackedAsync(new Message("1"), BoundedWaits.Stop).Bounded();
        return (sent, (await server.Peer.ReadAsync<RawTransfer>()).Tag);
    }

    private static async Task<Attach> ReattachAsync(
        RawServer server, IReadOnlyDictionary<object, object?>? unsettled, ReceiverSettleMode? mode = null, bool? isIncomplete = null)
    {
        await server.Peer.DisposeAsync();
        return await AnswerAsync(server, unsettled, mode, isIncomplete);
    }

    private static async Task<Attach> AnswerAsync(
        RawServer server, IReadOnlyDictionary<object, object?>? unsettled, ReceiverSettleMode? mode = null, bool? isIncomplete = null)
    {
        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Attach attach = await server.Peer.ReadUntilAsync<Attach>();
        Attach answer = RawPeer.Answer(attach) with { Unsettled = unsettled, IncompleteUnsettled = isIncomplete };
        await server.Peer.SendAsync(answer with { RcvSettleMode = mode ?? answer.RcvSettleMode });
        return attach;
    }

    private static async Task<List<RawTransfer>> TransfersAsync(RawServer server, int count)
    {
        List<RawTransfer> transfers = [];
        while (transfers.Count < count)
            transfers.Add(await server.Peer.ReadUntilAsync<RawTransfer>());
        return transfers;
    }

    private static Dictionary<object, object?> Map(params (byte[] Tag, DeliveryState? State)[] entries)
    {
        Dictionary<object, object?> map = Unsettled.NewMap();
        foreach ((byte[] tag, DeliveryState? state) in entries)
            map.Add(tag, state);
        return map;
    }
}
