using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class SessionWindowTests
{
    [Fact]
    public void Incoming_HalfUsed_IsReplenishedByAFlow()
    {
        Script script = Script.WithSender(credit: 100, settings: Script.ListenerSettings with { SessionIncomingWindow = 10 });

        for (uint id = 0; id < 4; id++)
        {
            script.Transfer(0, id, [(byte)id], [1]);
        }

        script.Pump();
        Assert.Empty(script.Written());
        script.Transfer(0, 4, [4], [1]).Pump();
        Flow flow = script.Only<Flow>();
        Assert.Equal((5u, 10u, (uint?)null), (flow.NextIncomingId!.Value, flow.IncomingWindow, flow.Handle));
    }

    [Fact]
    public void Incoming_Overrun_EndsWindowViolation()
    {
        Script script = Script.WithSender(credit: 100, settings: Script.ListenerSettings with { SessionIncomingWindow = 10 });

        for (uint id = 0; id < 11; id++)
        {
            script.Transfer(0, id, [(byte)id], [1]);
        }

        Assert.Equal(10, script.Events.Messages.Count);
        script.AssertEnded(ErrorCondition.WindowViolation);
    }

    [Fact]
    public void Incoming_TwentyThousandTransfersBeyondCredit_DetachesOnceAndKeepsTheSession()
    {
        Script script = Script.WithSender(credit: 1);

        for (uint id = 0; id < 20_000; id++)
        {
            script.Transfer(0, id, [1, 2, 3, 4], [1], settled: true);
            if (id % 1_000 == 0)
            {
                script.Pump();
            }
        }

        script.AssertDetached(ErrorCondition.TransferLimitExceeded);
        Assert.Single(script.Events.Messages);
    }

    [Fact]
    public void Outgoing_WindowClosed_StopsTransfersButNotDispositionsAndFlows()
    {
        Script script = Script.Opened().Begin(0, incomingWindow: 2).AttachReceiver("out", 0).AttachSender("in", 1);
        SendingLink sender = (SendingLink)script.Events.Links[0];
        ReceivingLink receiver = (ReceivingLink)script.Events.Links[1];
        receiver.SetCredit(10);
        script.Flow(0, 10, incomingWindow: 2).Transfer(1, 0, [1], [1]).Forget();
        for (int i = 0; i < 5; i++)
        {
            sender.Enqueue(new TestDelivery(1));
        }

        script.Pump();
        Assert.Equal(2, script.Written().Count(frame => frame.Body is WireTransfer));
        Assert.False(script.Engine.HasPendingSends);

        receiver.Update(0, Accepted.Instance, settled: true);
        receiver.SetCredit(20);
        script.Pump();
        List<WireFrame> frames = script.Written();
        Assert.Single(frames, frame => frame.Body is Disposition);
        Assert.Single(frames, frame => frame.Body is Flow);

        script.Flow(null, null, nextIncomingId: 2, incomingWindow: 1, nextOutgoingId: 1);
        Assert.True(script.Engine.HasPendingSends);
        script.Pump();
        Assert.Equal(2u, script.Only<WireTransfer>().DeliveryId);
    }

    [Fact]
    public void Outgoing_ClosedWindow_ReopensForEveryWaitingLink()
    {
        Script script = Script.Opened().Begin(0, incomingWindow: 0).AttachReceiver("a", 0).AttachReceiver("b", 1).Flow(0, 5, incomingWindow: 0).Flow(1, 5, incomingWindow: 0);
        ((SendingLink)script.Events.Links[0]).Enqueue(new TestDelivery(1));
        ((SendingLink)script.Events.Links[1]).Enqueue(new TestDelivery(1));
        script.Pump().Forget();

        script.Flow(null, null, incomingWindow: 5).Pump();

        Assert.Equal([0u, 1u], script.Written().Select(frame => ((WireTransfer)frame.Body!).Handle).Order());
    }

    [Fact]
    public void Outgoing_StormOfLinksBehindAClosedWindow_LeavesNothingBehind()
    {
        Script script = Script.Opened().Begin(0, incomingWindow: 0);
        List<WeakReference> links = [];

        for (int i = 0; i < 1_000; i++)
        {
            links.Add(BlockOneLink(script));
            script.Send(0, new Detach { Handle = 0, Closed = true }).Forget();
            script.Events.Links.Clear();
        }

        GC.Collect();
        Assert.InRange(links.Count(link => link.IsAlive), 0, 200);
        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Outgoing_NextIncomingIdFarAhead_IsIgnored()
    {
        Script script = Script.WithReceiver(credit: 5);
        script.Flow(null, null, nextIncomingId: 1_000_000, incomingWindow: 0);

        script.Sender.Enqueue(new TestDelivery(1));
        script.Pump();

        Assert.Single(script.Written());
    }

    [Fact]
    public void Outgoing_WindowOfAllOnes_DoesNotOverflow()
    {
        SessionWindow window = new(10, 5);
        window.OnBegin(new Begin { IncomingWindow = 1 });
        window.OnSent();

        window.OnFlow(new Flow { NextIncomingId = 5, IncomingWindow = uint.MaxValue });

        Assert.Equal(uint.MaxValue - 1, window.RemoteIncoming);
    }

    [Fact]
    public void Outgoing_FlowWithoutNextIncomingId_CountsFromTheStart()
    {
        SessionWindow window = new(10, 0xffff_fffe);
        window.OnBegin(new Begin { IncomingWindow = 10 });
        window.OnSent();
        window.OnSent();
        window.OnSent();

        window.OnFlow(new Flow { IncomingWindow = 10 });

        Assert.Equal(7u, window.RemoteIncoming);
        Assert.Equal(1u, window.NextOutgoingId);
    }

    [Fact]
    public void Flow_SessionEcho_IsAnsweredOnce()
    {
        Script script = Script.InSession();

        script.Flow(null, null, echo: true);

        Flow flow = script.Only<Flow>();
        Assert.False(flow.Echo);
        Assert.Null(flow.Handle);
    }

    [Fact]
    public void WrapAround_IdsAndCountsJustBelowTheEnd_KeepWorking()
    {
        Script script = Script.Opened(Script.ListenerSettings with { SessionIncomingWindow = 4 });
        script.Begin(0, nextOutgoingId: 0xffff_fffc).AttachSender("in", 0, initialDeliveryCount: 0xffff_fffb);
        script.Receiver.SetCredit(20);
        Assert.Equal(0xffff_fffbu, script.Written().Select(frame => frame.Body).OfType<Flow>().Last().DeliveryCount);

        for (uint i = 0; i < 12; i++)
        {
            uint id = unchecked(0xffff_fffa + i);
            script.Transfer(0, id, [1, (byte)i], [(byte)i]);
            script.Receiver.Update(id, Accepted.Instance, settled: true);
            script.Pump(); // every turn
        }

        Assert.Equal(12, script.Events.Messages.Count);
        Assert.Equal(8u, script.Receiver.Credit);
        List<WireFrame> written = script.Written();
        Assert.Equal(12, written.Count(frame => frame.Body is Disposition));
        Assert.Equal(8u, written.Select(frame => frame.Body).OfType<Flow>().Last().NextIncomingId); // 0xfffffffc + 12
        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void WrapAround_OurOwnIds_KeepWorking()
    {
        EngineSettings client = EnginePair.Settings("client") with { InitialOutgoingId = 0xffff_fffe };
        EnginePair pair = new(client, EnginePair.Settings("listener", isListener: true) with { SessionIncomingWindow = 3 });
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink(credit: 50, new Attach { InitialDeliveryCount = 0xffff_fffb });
        pair.ListenerEvents.MessageSeen = message => receiver.Update(message.DeliveryId, Accepted.Instance, settled: true);
        List<TestDelivery> deliveries = [.. Enumerable.Range(0, 20).Select(size => new TestDelivery(size))];

        deliveries.ForEach(sender.Enqueue);
        pair.Run();

        Assert.All(deliveries, delivery => Assert.True(delivery.IsSettledByPeer));
        Assert.Equal(20, pair.ListenerEvents.Messages.Count);
        Assert.Equal(0xffff_fffeu, pair.ListenerEvents.Messages[0].DeliveryId);
        Assert.Equal((30u, 30u), (sender.Credit, receiver.Credit));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference BlockOneLink(Script script)
    {
        script.AttachReceiver("x", 0).Flow(0, 1, incomingWindow: 0);
        script.Sender.Enqueue(new TestDelivery(1));
        script.Pump();
        return new WeakReference(script.Sender);
    }
}
