using System.Diagnostics;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class DispositionTests
{
    [Fact]
    public void Update_Neighbours_AreWrittenAsOneRange()
    {
        Script script = Received(10);

        for (uint id = 0; id < 10; id++)
        {
            script.Receiver.Update(id, Accepted.Instance, settled: true);
        }

        Assert.Empty(script.Written());
        script.Engine.FlushDispositions();
        Disposition disposition = script.Only<Disposition>();
        Assert.Equal((true, 0u, 9u, true), (disposition.Role, disposition.First, disposition.Last!.Value, disposition.Settled));
        Assert.Same(Accepted.Instance, disposition.State);
    }

    [Fact]
    public void Update_GapOtherStateOrSettlement_StartsAnotherRange()
    {
        Script script = Received(10);

        script.Receiver.Update(2, Accepted.Instance, settled: true);
        script.Receiver.Update(1, Accepted.Instance, settled: true); // grows downwards
        script.Receiver.Update(4, Accepted.Instance, settled: true);
        script.Receiver.Update(5, Released.Instance, settled: true);
        script.Receiver.Update(6, Released.Instance, settled: false);
        script.Receiver.Update(7, new Modified { DeliveryFailed = true }, settled: true);
        script.Receiver.Update(8, new Modified { DeliveryFailed = true }, settled: true);
        script.Engine.FlushDispositions();

        Assert.Equal(
            [(1u, 2u), (4u, null), (5u, null), (6u, null), (7u, (uint?)8u)],
            script.Written().Select(frame => (Disposition)frame.Body!).Select(disposition => (disposition.First, disposition.Last)));
    }

    [Fact]
    public void Update_SettledTwiceOrUnknown_IsIgnored()
    {
        Script script = Received(1);
        script.Receiver.Update(0, Accepted.Instance, settled: true);
        script.Engine.FlushDispositions();
        script.Forget();

        script.Receiver.Update(0, Accepted.Instance, settled: true);
        script.Receiver.Update(77, Accepted.Instance, settled: true);
        script.Engine.FlushDispositions();

        Assert.Empty(script.Written());
    }

    [Fact]
    public void Detach_WithPendingDispositions_WritesThemFirst()
    {
        Script script = Received(1);
        script.Receiver.Update(0, Accepted.Instance, settled: true);

        script.Receiver.Detach(closed: true, null);

        List<WireFrame> frames = script.Written();
        Assert.IsType<Disposition>(frames[0].Body);
        Assert.IsType<Detach>(frames[1].Body);
    }

    [Fact]
    public void Rejected_WithAnErrorLargerThanThePeersFrames_IsShortened()
    {
        Script script = Script.InSession(maxFrameSize: 512).AttachSender("in", 0);
        script.Receiver.SetCredit(1);
        script.Transfer(0, 0, [0], [1]).Forget();

        script.Receiver.Update(0, new Rejected(new AmqpError(ErrorCondition.InternalError, new string('x', 2_000))), settled: true);
        script.Engine.FlushDispositions();

        WireFrame frame = Assert.Single(script.Written());
        Assert.True(frame.Size <= 512);
    }

    [Fact]
    public void Rejected_WithAConditionLargerThanThePeersFrames_IsCut()
    {
        Script script = Script.InSession(maxFrameSize: 512).AttachSender("in", 0);
        script.Receiver.SetCredit(1);
        script.Transfer(0, 0, [0], [1]).Forget();

        script.Receiver.Update(0, Huge(2_000), settled: true);
        script.Engine.FlushDispositions();

        WireFrame frame = Assert.Single(script.Written());
        Assert.True(frame.Size <= 512);
        Assert.Equal(new string('c', 80), Assert.IsType<Rejected>(((Disposition)frame.Body!).State).Error!.Condition.Value);
    }

    [Fact]
    public void Settle_WithAnyStateOfThePeerThatItsFramesDoNotHold_WritesAFrameThatFits()
    {
        byte[] longId = new byte[600];
        Outcome rejected = Huge(2_000);
        (DeliveryState State, Type? Echo)[] states =
        [
            (rejected, typeof(Rejected)),
            (new Declared(longId), null),
            (new TransactionalState(longId, rejected), null),
            (new TransactionalState(new byte[32], rejected), typeof(TransactionalState)),
            (new TransactionalState(new byte[32], new Declared(longId)), typeof(TransactionalState)),
            (new Modified { MessageAnnotations = new Dictionary<Symbol, object?> { ["x"] = longId } }, typeof(Modified)),
        ];
        Script script = Script.WithReceiver(credit: 10, maxFrameSize: 512);
        script.Events.Updated = (link, delivery, state, _) => link.Settle(delivery, state);

        foreach ((DeliveryState state, Type? echo) in states)
        {
            TestDelivery delivery = new(1);
            script.Sender.Enqueue(delivery);
            script.Pump().Forget();

            script.Disposition(role: true, delivery.DeliveryId, last: null, settled: false, state).Pump();

            WireFrame frame = Assert.Single(script.Written());
            Assert.True(frame.Size <= 512, $"{state} makes a frame of {frame.Size} bytes.");
            Disposition disposition = (Disposition)frame.Body!;
            Assert.True(disposition.Settled);
            Assert.Equal(echo, disposition.State?.GetType());
        }
    }

    [Fact]
    public void ModeFirst_SettledByTheReceiver_IsOver()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink(credit: 10);
        pair.ListenerEvents.MessageSeen = message => receiver.Update(message.DeliveryId, Accepted.Instance, settled: true);
        TestDelivery[] deliveries = [new(1), new(2), new(3)];

        Array.ForEach(deliveries, sender.Enqueue);
        pair.Run();

        Assert.All(deliveries, delivery => Assert.True(delivery.IsSettledByPeer));
        Assert.All(deliveries, delivery => Assert.Null(delivery.Link));
        Assert.Equal((0, 0), (sender.Session.Outgoing.Count, receiver.Session.Incoming.Count));
    }

    [Fact]
    public void ModeSecond_SenderSettlesAfterTheOutcome_ReceiverIsToldOnce()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink(credit: 10, new Attach { RcvSettleMode = ReceiverSettleMode.Second });
        pair.ListenerEvents.MessageSeen = message => receiver.Update(message.DeliveryId, Accepted.Instance, settled: false);
        pair.ClientEvents.Updated = (link, delivery, state, settled) =>
        {
            Assert.False(settled);
            link.Settle(delivery, state);
        };

        sender.Enqueue(new TestDelivery(1));
        sender.Enqueue(new TestDelivery(1));
        pair.Run();

        Assert.Equal(["settled 0 Accepted", "settled 1 Accepted"], pair.ListenerEvents.Log[^2..]);
        Assert.Equal((0, 0), (sender.Session.Outgoing.Count, receiver.Session.Incoming.Count));
    }

    [Fact]
    public void PreSettled_IsNeverInTheMaps()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink(credit: 1);
        TestDelivery delivery = new(5, settled: true);

        sender.Enqueue(delivery);
        pair.Run();

        Assert.True(delivery.IsSent);
        Assert.Null(delivery.Link);
        Assert.True(Assert.Single(pair.ListenerEvents.Messages).Settled);
        Assert.Equal((0, 0), (sender.Session.Outgoing.Count, receiver.Session.Incoming.Count));
    }

    [Fact]
    public void Settle_BySenderWithoutAnOutcome_TellsTheReceiver()
    {
        EnginePair pair = new();
        (SendingLink sender, _) = pair.OpenLink(credit: 1);
        TestDelivery delivery = new(5);
        sender.Enqueue(delivery);
        pair.Run();

        sender.Settle(delivery, null);
        sender.Settle(delivery, null);
        pair.Run();

        Assert.Equal("settled 0", pair.ListenerEvents.Log[^1]);
    }

    [Fact]
    public void Disposition_RepeatedAndOutOfOrder_CompletesEachOnce()
    {
        Script script = Sent(5, out TestDelivery[] deliveries);

        script.Disposition(role: true, 3, 4, settled: true, Accepted.Instance)
            .Disposition(role: true, 0, 4, settled: true, Released.Instance)
            .Disposition(role: true, 0, 4, settled: true, Released.Instance);

        Assert.Equal(
            [Released.Instance, Released.Instance, Released.Instance, Accepted.Instance, Accepted.Instance],
            deliveries.Select(delivery => delivery.RemoteState));
    }

    [Fact]
    public void Disposition_SettledWithoutState_IsPassedOn()
    {
        Script script = Sent(1, out TestDelivery[] deliveries);

        script.Disposition(role: true, 0, null, settled: true, null);

        Assert.True(deliveries[0].IsSettledByPeer);
        Assert.Null(deliveries[0].RemoteState);
    }

    [Fact]
    public void Disposition_Received_LeavesTheDeliveryUnsettled()
    {
        Script script = Sent(1, out TestDelivery[] deliveries);

        script.Disposition(role: true, 0, null, settled: false, new Received(1, 5));

        Assert.Equal(new Received(1, 5), deliveries[0].RemoteState);
        Assert.NotNull(deliveries[0].Link);
    }

    [Fact]
    public void Disposition_LastBeforeFirst_IsIgnored()
    {
        Script script = Sent(5, out TestDelivery[] deliveries);

        script.Disposition(role: true, 4, 2, settled: true, Accepted.Instance);

        Assert.All(deliveries, delivery => Assert.False(delivery.IsSettledByPeer));
        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Disposition_HugeRanges_CostWhatIsKnown()
    {
        Script script = Sent(5, out TestDelivery[] deliveries);
        long start = Stopwatch.GetTimestamp();

        for (int i = 0; i < 1_000; i++)
        {
            script.Disposition(role: true, 3, 0x7fff_ffff, settled: false, Accepted.Instance)
                .Disposition(role: true, 0, 0xffff_fffe, settled: true, Accepted.Instance)
                .Disposition(role: false, 0, 0x7fff_ffff, settled: true, null);
        }

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5)); // 2^31 steps a thousand times would be hours
        Assert.Same(Accepted.Instance, deliveries[4].RemoteState);
        Assert.Null(deliveries[0].RemoteState);
        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Disposition_RangeOverTheWrap_IsInOrder()
    {
        Script script = Sent(6, out TestDelivery[] deliveries, Script.ListenerSettings with { InitialOutgoingId = 0xffff_fffd });
        List<uint> order = [];
        script.Events.Updated = (_, delivery, _, _) => order.Add(delivery.DeliveryId);

        script.Disposition(role: true, 0xffff_ff00, 100, settled: true, Accepted.Instance);

        Assert.Equal([0xffff_fffd, 0xffff_fffe, 0xffff_ffff, 0, 1, 2], order);
        Assert.All(deliveries, delivery => Assert.True(delivery.IsSettledByPeer));
    }

    [Fact]
    public void Disposition_EventThatDetachesTheLink_StopsThere()
    {
        Script script = Sent(5, out TestDelivery[] deliveries);
        script.Events.Updated = (link, _, _, _) => link.Detach(closed: true, null);

        script.Disposition(role: true, 0, 4, settled: true, Accepted.Instance);

        Assert.Single(deliveries, delivery => delivery.IsSettledByPeer);
    }

    /// <summary>A rejection whose condition and text are both that long.</summary>
    private static Rejected Huge(int length) => new(new AmqpError(new string('c', length), new string('\u20ac', length), new Dictionary<Symbol, object?> { ["x"] = 1 }));

    private static Script Received(uint count)
    {
        Script script = Script.WithSender(credit: count);
        for (uint id = 0; id < count; id++)
        {
            script.Transfer(0, id, [(byte)id], [1]);
        }

        return script.Forget();
    }

    private static Script Sent(int count, out TestDelivery[] deliveries, EngineSettings? settings = null)
    {
        Script script = Script.InSession(settings).AttachReceiver("link", 0).Flow(0, 100, nextIncomingId: settings?.InitialOutgoingId ?? 0);
        deliveries = [.. Enumerable.Range(0, count).Select(_ => new TestDelivery(1))];
        foreach (TestDelivery delivery in deliveries)
        {
            script.Sender.Enqueue(delivery);
        }

        return script.Pump().Forget();
    }

    [Fact]
    public void Rejected_TooLargeAndCutInASurrogatePair_IsWrittenWithoutTheHalf()
    {
        Script script = Script.InSession(maxFrameSize: 512).AttachSender("in", 0);
        script.Receiver.SetCredit(1);
        script.Transfer(0, 0, [0], [1]).Forget();

        script.Receiver.Update(0, new Rejected(new AmqpError(ErrorCondition.InternalError, new string('x', 99) + string.Concat(Enumerable.Repeat("\U0001F600", 500)))), settled: true);
        script.Engine.FlushDispositions();

        AmqpError error = Assert.IsType<Rejected>(script.Only<Disposition>().State).Error!;
        Assert.Equal(new string('x', 99), error.Description);
    }
}
