using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>What the peer says about a message that was sent (design section 4, "States and outcomes").</summary>
public sealed class OutcomeTests
{
    [Fact]
    public async Task Send_Accepted_Completes()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10);

        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        RawTransfer transfer = await server.Peer.ReadAsync<RawTransfer>();
        Assert.False(sending.IsCompleted);
        await server.Peer.SettleAsync(transfer.DeliveryId!.Value, Accepted.Instance);

        await sending.Bounded();
    }

    [Fact]
    public async Task Send_Rejected_ThrowsWithTheError()
    {
        DeliveryRejectedException exception = await SendAsync<DeliveryRejectedException>(new Rejected(new AmqpError("x:bad", "too red")));

        Assert.Equal("x:bad", exception.Error?.Condition.Value);
        Assert.IsType<Rejected>(exception.Outcome);
        Assert.False(exception.IsTransient);
        Assert.Contains("too red", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'q'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_Released_Throws()
    {
        DeliveryReleasedException exception = await SendAsync<DeliveryReleasedException>(Released.Instance);

        Assert.Same(Released.Instance, exception.Outcome);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task Send_Modified_ThrowsWithTheOutcome()
    {
        DeliveryModifiedException exception = await SendAsync<DeliveryModifiedException>(new Modified { DeliveryFailed = true, UndeliverableHere = true });

        Assert.True(Assert.IsType<Modified>(exception.Outcome).UndeliverableHere);
    }

    [Fact]
    public async Task Send_SettledWithoutState_IsTheDefaultOutcomeOfTheSource()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10, new SenderOptions { Source = new Source { DefaultOutcome = Released.Instance } });

        ISentDelivery sent = await SendTrackedAsync(server, sender);
        await server.Peer.SettleAsync(0, state: null);

        Assert.Same(Released.Instance, await sent.Outcome.Bounded());
    }

    [Fact]
    public async Task Send_SettledWithoutStateAndDefault_IsAccepted()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10);

        ISentDelivery sent = await SendTrackedAsync(server, sender);
        await server.Peer.SettleAsync(0, state: null);

        Assert.Same(Accepted.Instance, await sent.Outcome.Bounded());
    }

    [Fact]
    public async Task Send_UnsettledTerminalState_IsSettledByUs()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10, new SenderOptions { ReceiverSettleMode = ReceiverSettleMode.Second });

        ISentDelivery sent = await SendTrackedAsync(server, sender);
        await server.Peer.SettleAsync(0, Accepted.Instance, settled: false);

        Assert.Same(Accepted.Instance, await sent.Outcome.Bounded());
        Disposition answer = await server.Peer.ReadAsync<Disposition>();
        Assert.False(answer.Role);
        Assert.True(answer.Settled);
        Assert.Equal(0u, answer.First);
    }

    [Fact]
    public async Task Send_ReceivedState_ChangesNothing()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10);
        ISentDelivery sent = await SendTrackedAsync(server, sender);

        await server.Peer.SettleAsync(0, new Received(0, 5), settled: false);
        await server.Peer.SettleAsync(0, Released.Instance);

        Assert.Same(Released.Instance, await sent.Outcome.Bounded());
    }

    [Fact]
    public async Task Send_BatchOutOfOrderRepeatedUnknown_EachCompletesOnce()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10);
        ValueTask<IReadOnlyList<Outcome>> sending = sender.SendBatchAsync(Enumerable.Range(0, 5).Select(i => new Message(i)), BoundedWaits.Stop);
        for (int i = 0; i < 5; i++)
            await server.Peer.ReadAsync<RawTransfer>();

        await server.Peer.SettleAsync(3, Released.Instance, last: 4);
        await server.Peer.SettleAsync(1, Accepted.Instance, last: 4_000_000);
        await server.Peer.SettleAsync(1, Released.Instance);
        await server.Peer.SettleAsync(0, new Rejected(null));

        Assert.Equal([new Rejected(null), Accepted.Instance, Accepted.Instance, Released.Instance, Released.Instance], await sending.Bounded());
    }

    [Fact]
    public async Task Settle_EveryOutcome_ReachesTheSender()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        ValueTask<IReadOnlyList<Outcome>> sending = sender.SendBatchAsync(Enumerable.Range(0, 5).Select(i => new Message(i)), BoundedWaits.Stop);
        List<IDelivery> got = [];
        for (int i = 0; i < 5; i++)
            got.Add(await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded());

        await got[0].AcceptAsync(BoundedWaits.Stop);
        await got[1].RejectAsync(new AmqpError("x:no"), BoundedWaits.Stop);
        await got[2].ReleaseAsync(BoundedWaits.Stop);
        await got[3].ModifyAsync(deliveryFailed: true, undeliverableHere: false, BoundedWaits.Stop);
        await got[4].ModifyAsync(new Modified { MessageAnnotations = new Dictionary<Symbol, object?> { ["x-opt-why"] = "test" } }, BoundedWaits.Stop);

        IReadOnlyList<Outcome> outcomes = await sending.Bounded();
        Assert.Same(Accepted.Instance, outcomes[0]);
        Assert.Equal("x:no", Assert.IsType<Rejected>(outcomes[1]).Error?.Condition.Value);
        Assert.Same(Released.Instance, outcomes[2]);
        Assert.True(Assert.IsType<Modified>(outcomes[3]).DeliveryFailed);
        Assert.Equal("test", Assert.IsType<Modified>(outcomes[4]).MessageAnnotations!["x-opt-why"]);
    }

    [Fact]
    public async Task Settle_Twice_ThrowsInvalidOperation()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        await delivery.AcceptAsync(BoundedWaits.Stop);
        await sending.Bounded();

        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(() => delivery.RejectAsync(cancellationToken: BoundedWaits.Stop).AsTask());

        Assert.Contains("already settled", exception.Message, StringComparison.Ordinal);
        Assert.True(delivery.Settled);
    }

    [Fact]
    public async Task Settle_UnsupportedAnnotation_ThrowsAtTheCallAndTheConnectionLives()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        var annotations = new Dictionary<Symbol, object?> { ["x"] = new Version(1, 0) };

        await Assert.ThrowsAsync<ArgumentException>(() => delivery.ModifyAsync(new Modified { MessageAnnotations = annotations }, BoundedWaits.Stop).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => delivery.RejectAsync(new AmqpError("x:y", null, annotations), BoundedWaits.Stop).AsTask());

        await delivery.AcceptAsync(BoundedWaits.Stop);
        await sending.Bounded();
    }

    [Fact]
    public async Task Modify_AnnotationsLargerThanAFrame_ThrowsAtTheCallAndNothingIsSettled()
    {
        await using TestPair pair = await TestPair.OpenAsync(listener: new ListenerOptions { MaxFrameSize = 1024 });
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        const int Fits = 1024 - 71;

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => delivery.ModifyAsync(With(Fits + 1), BoundedWaits.Stop).AsTask());

        Assert.Contains("needs a frame of 1025 bytes, and the peer takes 1024", exception.Message, StringComparison.Ordinal);
        Assert.False(delivery.Settled);
        await delivery.ModifyAsync(With(Fits), BoundedWaits.Stop);
        DeliveryModifiedException modified = await sending.Throws<DeliveryModifiedException>();
        Assert.Equal(Fits, Assert.IsType<string>(Assert.IsType<Modified>(modified.Outcome).MessageAnnotations!["x-opt-why"]).Length);

        static Modified With(int length) => new() { MessageAnnotations = new Dictionary<Symbol, object?> { ["x-opt-why"] = new string('x', length) } };
    }

    [Fact]
    public async Task Settle_ModeSecond_WaitsForTheSender()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { SettleMode = ReceiverSettleMode.Second });
        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        IDelivery delivery = await receiving.Bounded();

        Task accepting = delivery.AcceptAsync(BoundedWaits.Stop).AsTask();
        Disposition disposition = await server.Peer.ReadAsync<Disposition>();
        Assert.False(disposition.Settled);
        Assert.Same(Accepted.Instance, disposition.State);
        await server.FenceAsync();
        Assert.False(accepting.IsCompleted);
        await server.Peer.SettleAsync(0, Accepted.Instance, receiver: false);

        await accepting.Bounded();
    }

    [Fact]
    public async Task Settle_ModeSecondAndTheLinkEnds_Throws()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { SettleMode = ReceiverSettleMode.Second });
        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        Task accepting = (await receiving.Bounded()).AcceptAsync(BoundedWaits.Stop).AsTask();

        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true, Error = new AmqpError(ErrorCondition.DetachForced) });

        await accepting.Throws<LinkException>();
    }

    [Fact]
    public async Task Receive_Presettled_NeedsNoSettlement()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync(new SenderOptions { SettleMode = SenderSettleMode.Settled });
        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);

        await sender.SendAsync(new Message("x"), BoundedWaits.Stop).Bounded();

        IDelivery delivery = await receiving.Bounded();
        Assert.True(delivery.Settled);
        await delivery.AcceptAsync(BoundedWaits.Stop);
    }

    private static async Task<T> SendAsync<T>(DeliveryState state)
        where T : Exception
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10);
        Task sending = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<RawTransfer>();
        await server.Peer.SettleAsync(0, state);
        return await sending.Throws<T>();
    }

    private static async Task<ISentDelivery> SendTrackedAsync(RawServer server, ISender sender)
    {
        ISentDelivery sent = await sender.SendTrackedAsync(new Message("x"), BoundedWaits.Stop).Bounded();
        await server.Peer.ReadAsync<RawTransfer>();
        return sent;
    }

    [Fact]
    public async Task Send_SettledWithAStateThatIsNoOutcome_IsInDoubt()
    {
        foreach (DeliveryState state in (DeliveryState[])[new Received(0, 0), new TransactionalState(new byte[] { 1 })])
        {
            await using RawServer server = await RawServer.OpenAsync();
            ISender sender = await server.SenderAsync(credit: 10);

            ISentDelivery sent = await SendTrackedAsync(server, sender);
            await server.Peer.SettleAsync(0, state);

            DeliveryInDoubtException exception = await sent.Outcome.Throws<DeliveryInDoubtException>();
            Assert.Contains(state.GetType().Name, exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Send_SettledWithAStateThatIsNoOutcome_IsTheDefaultOutcomeOfTheSource()
    {
        await using RawServer server = await RawServer.OpenAsync();
        ISender sender = await server.SenderAsync(credit: 10, new SenderOptions { Source = new Source { DefaultOutcome = Released.Instance } });

        ISentDelivery sent = await SendTrackedAsync(server, sender);
        await server.Peer.SettleAsync(0, new Received(0, 0));

        Assert.Same(Released.Instance, await sent.Outcome.Bounded());
    }

    [Fact]
    public async Task TrySend_ClosedHereMeanwhile_OutcomeIsALinkException()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(new ReceiverOptions { CreditWindow = 0 });
        await receiver.AddCreditAsync(5, BoundedWaits.Stop).Bounded();
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        Messaging.Loop.ConnectionLoop loop = ((Messaging.Client.Connection)pair.Accepted).Loop;
        ISentDelivery? sent = null;

        // On the loop, so that the close which is asked for first is in the mailbox before the send.
        await loop.InvokeAsync(() =>
        {
            loop.Post(new EndCommand((Messaging.Client.Sender)sender));
            Assert.True(sender.TrySend(new Message("late"), out sent));
        }).Bounded();

        LinkException exception = await sent!.Outcome.Throws<LinkException>();
        Assert.Contains("create a new one", exception.Message, StringComparison.Ordinal);
    }

    private sealed class EndCommand(Messaging.Client.Sender sender) : Messaging.Loop.ILoopCommand
    {
        public void Execute() => sender.End(new CloseReason(CloseInitiator.Local));

        public void Abandon(MessagingException reason)
        {
        }
    }
}
