using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Accepting by advancing (design section 4, "Auto-accept").</summary>
public sealed class AutoAcceptTests
{
    [Fact]
    public async Task ReceiveAll_BodyReturns_AcceptsWhenTheLoopAdvances()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();
        await using IAsyncEnumerator<IDelivery> stream = receiver.ReceiveAllAsync(BoundedWaits.Stop).GetAsyncEnumerator(BoundedWaits.Stop);
        ValueTask<bool> moving = stream.MoveNextAsync();
        ISentDelivery first = await sender.SendTrackedAsync(new Message("1"), BoundedWaits.Stop).Bounded();
        Assert.True(await moving.Bounded());
        await TestPair.FenceAsync(pair.Connection);
        Assert.False(first.Outcome.IsCompleted);

        ValueTask<bool> next = stream.MoveNextAsync();

        Assert.Same(Accepted.Instance, await first.Outcome.Bounded());
        await sender.SendTrackedAsync(new Message("2"), BoundedWaits.Stop).Bounded();
        Assert.True(await next.Bounded());
    }

    [Fact]
    public async Task ReceiveAll_BodyThrows_ModifiesDeliveryFailed()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();

        Task consuming = BoundedWaits.Run(async () =>
        {
            await foreach (IDelivery _ in receiver.ReceiveAllAsync(BoundedWaits.Stop))
                throw new InvalidDataException("body");
        });
        ISentDelivery sent = await sender.SendTrackedAsync(new Message("1"), BoundedWaits.Stop).Bounded();

        await consuming.Throws<InvalidDataException>();
        Modified outcome = Assert.IsType<Modified>(await sent.Outcome.Bounded());
        Assert.True(outcome.DeliveryFailed);
        Assert.False(outcome.UndeliverableHere);
    }

    [Fact]
    public async Task ReceiveAll_BodyBreaks_ModifiesTheLastAndLogsIt()
    {
        var log = new LogCapture();
        await using TestPair pair = await TestPair.OpenAsync(client: new MessagingClientOptions { LoggerFactory = log });
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();

        Task<IDelivery> consuming = FirstAsync(receiver);
        ISentDelivery sent = await sender.SendTrackedAsync(new Message("1"), BoundedWaits.Stop).Bounded();

        await consuming.Bounded();
        Assert.True(Assert.IsType<Modified>(await sent.Outcome.Bounded()).DeliveryFailed);
        Assert.Contains(log.Lines, line => line.Id == 3003 && line.Text.Contains(receiver.Name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ReceiveAll_BodySettledBeforeBreak_KeepsThatOutcome()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();

        Task consuming = BoundedWaits.Run(async () =>
        {
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(BoundedWaits.Stop))
            {
                await delivery.RejectAsync(new AmqpError("x:bad", "no"), BoundedWaits.Stop);
                break;
            }
        });
        ISentDelivery sent = await sender.SendTrackedAsync(new Message("1"), BoundedWaits.Stop).Bounded();

        await consuming.Bounded();
        Assert.Equal("x:bad", Assert.IsType<Rejected>(await sent.Outcome.Bounded()).Error?.Condition.Value);
    }

    [Fact]
    public async Task ReceiveAll_TokenCancelledWhileWaiting_HasAcceptedAndReleasesWhatWasNotHandedOut()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        using var stop = new CancellationTokenSource();
        IAsyncEnumerator<IDelivery> stream = receiver.ReceiveAllAsync(stop.Token).GetAsyncEnumerator(BoundedWaits.Stop);
        ValueTask<bool> next = stream.MoveNextAsync();
        Assert.Equal(10u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
        for (uint id = 0; id < 3; id++)
            await server.Peer.SendTransferAsync(id, RawPeer.Encode(new Message((int)id)));
        Assert.True(await next.Bounded());

        await stop.CancelAsync();
        await stream.MoveNextAsync().Throws<OperationCanceledException, bool>();

        List<Disposition> dispositions = [await server.Peer.ReadUntilAsync<Disposition>()];
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 3, OutgoingWindow = 100, Handle = 0, DeliveryCount = 10, LinkCredit = 0, Drain = true });
        dispositions.Add(await server.Peer.ReadUntilAsync<Disposition>());
        Assert.Equal((0u, null), (dispositions[0].First, dispositions[0].Last));
        Assert.Same(Accepted.Instance, dispositions[0].State);
        Assert.Equal((1u, 2u), (dispositions[1].First, dispositions[1].Last!.Value));
        Assert.Same(Released.Instance, dispositions[1].State);
    }

    [Fact]
    public async Task ReceiveAll_Count_EndsByItselfAndAcceptsTheLast()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();

        Task<List<string>> consuming = BoundedWaits.Run(async () =>
        {
            List<string> bodies = [];
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(2, BoundedWaits.Stop))
                bodies.Add((string)delivery.Message.Body!);
            return bodies;
        });
        IReadOnlyList<Outcome> outcomes = await sender.SendBatchAsync([new Message("a"), new Message("b")], BoundedWaits.Stop).Bounded();

        Assert.Equal(["a", "b"], await consuming.Bounded());
        Assert.All(outcomes, outcome => Assert.Same(Accepted.Instance, outcome));
        await BoundedWaits.UntilAsync(() => sender.Credit == 0);
    }

    [Fact]
    public async Task ReceiveAll_TwoStreams_CompeteAndAcceptTheirOwn()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();
        const int Count = 200;

        Task<List<int>> Consume() => BoundedWaits.Run(async () =>
        {
            List<int> bodies = [];
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(Count / 2, BoundedWaits.Stop))
                bodies.Add((int)delivery.Message.Body!);
            return bodies;
        });
        Task<List<int>>[] consumers = [Consume(), Consume()];
        IReadOnlyList<Outcome> outcomes = await sender.SendBatchAsync(Enumerable.Range(0, Count).Select(i => new Message(i)), BoundedWaits.Stop).Bounded();

        List<int>[] got = await Task.WhenAll(consumers).Bounded();
        Assert.Equal(Enumerable.Range(0, Count), got.SelectMany(bodies => bodies).Order());
        Assert.All(outcomes, outcome => Assert.Same(Accepted.Instance, outcome));
    }

    [Fact]
    public async Task ReceiveAll_WithoutAutoAccept_SettlesNothing()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(new ReceiverOptions { AutoAccept = false });
        Task<List<ISentDelivery>> sending = BoundedWaits.Run(async () => new List<ISentDelivery>
        {
            await sender.SendTrackedAsync(new Message("1"), BoundedWaits.Stop),
            await sender.SendTrackedAsync(new Message("2"), BoundedWaits.Stop),
        });

        List<IDelivery> held = [];
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(2, BoundedWaits.Stop))
            held.Add(delivery);
        List<ISentDelivery> sent = await sending.Bounded();

        await TestPair.FenceAsync(pair.Connection);
        Assert.All(sent, delivery => Assert.False(delivery.Outcome.IsCompleted));
        Assert.Equal("1", held[0].Message.Body);
        await held[0].AcceptAsync(BoundedWaits.Stop);
        await held[1].ReleaseAsync(BoundedWaits.Stop);
        Assert.Same(Accepted.Instance, await sent[0].Outcome.Bounded());
        Assert.Same(Released.Instance, await sent[1].Outcome.Bounded());
    }

    [Fact]
    public async Task Process_HandlerReturnsThrowsAndSettles_MapsToOutcomes()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();
        using var stop = new CancellationTokenSource();

        Task processing = receiver.ProcessAsync(
            async (delivery, _) =>
            {
                switch (delivery.Message.Body)
                {
                    case "throw":
                        throw new InvalidDataException("handler");
                    case "reject":
                        await delivery.RejectAsync();
                        break;
                }
            },
            maxConcurrency: 3,
            stop.Token).AsTask();
        IReadOnlyList<Outcome> outcomes = await sender.SendBatchAsync([new Message("throw"), new Message("reject"), new Message("ok")], BoundedWaits.Stop).Bounded();
        await stop.CancelAsync();

        await processing.Bounded();
        Assert.True(Assert.IsType<Modified>(outcomes[0]).DeliveryFailed);
        Assert.IsType<Rejected>(outcomes[1]);
        Assert.Same(Accepted.Instance, outcomes[2]);
    }

    private static async Task<IDelivery> FirstAsync(IReceiver receiver)
    {
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(BoundedWaits.Stop))
            return delivery;
        throw new InvalidOperationException("The stream ended.");
    }
}
