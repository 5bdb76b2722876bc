using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class CreditTests
{
    [Fact]
    public void SetCredit_WritesOneFlowWithTheDeliveryCount()
    {
        Script script = Script.WithSender(credit: 3);
        script.Transfer(0, 0, [0], [1]).Forget();

        script.Receiver.SetCredit(10);

        Flow flow = script.Only<Flow>();
        Assert.Equal((0u, 1u, 10u), (flow.Handle!.Value, flow.DeliveryCount!.Value, flow.LinkCredit!.Value));
        Assert.Equal(10u, script.Receiver.Credit);
    }

    [Fact]
    public void SetCredit_BeforeTheSendersAttach_HasNoDeliveryCountAndCounts()
    {
        Script script = Script.InSession();
        ReceivingLink link = script.Events.Sessions[0].AttachReceiver(new Attach { Name = "in", Source = new Source() }, null);

        link.SetCredit(5);

        Assert.Null(script.Only<Flow>().DeliveryCount);
        script.AttachSender("in", 0, initialDeliveryCount: 0xffff_fffe);
        Assert.Equal(5u, link.Credit);
        for (uint id = 0; id < 5; id++)
        {
            script.Transfer(0, id, [(byte)id], [1]);
        }

        Assert.Equal(5, script.Events.Messages.Count);
        Assert.Equal(0u, link.Credit);
    }

    [Fact]
    public void Flow_BehindAnAttachThatIsNotAnsweredYet_CountsFromTheAnswer()
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = null;
        script.AttachReceiver("early", 0).Flow(0, credit: 3, deliveryCount: null, echo: true).Forget();

        script.Sender.Accept(new Attach { Source = new Source(), InitialDeliveryCount = 7 });

        Assert.Equal(3u, script.Sender.Credit);
        Assert.Equal("flow early credit 3", Assert.Single(script.Events.Log));
        List<WireFrame> frames = script.Written();
        Assert.IsType<Attach>(frames[0].Body);
        Assert.Equal(7u, Assert.IsType<Flow>(frames[1].Body).DeliveryCount);
    }

    [Fact]
    public void Flow_BehindAnAttachThatIsRefused_IsForgotten()
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = null;
        script.AttachReceiver("early", 0).Flow(0, credit: 3, deliveryCount: null).Forget();

        script.Sender.Refuse(new AmqpError(ErrorCondition.NotFound));

        Assert.Empty(script.Events.Log);
    }

    [Fact]
    public void Flow_CreditOfAllOnes_DoesNotOverflow()
    {
        Script script = Script.WithReceiver();

        script.Flow(0, uint.MaxValue);

        Assert.Equal(uint.MaxValue, script.Sender.Credit);
        script.Sender.Enqueue(new TestDelivery(1));
        script.Pump().Flow(0, uint.MaxValue);
        Assert.Equal(uint.MaxValue - 1, script.Sender.Credit);
    }

    [Fact]
    public void Flow_CrossedByTransfers_CountsThem()
    {
        Script script = Script.WithReceiver(credit: 10);
        for (int i = 0; i < 4; i++)
        {
            script.Sender.Enqueue(new TestDelivery(1));
        }

        script.Pump().Flow(0, credit: 10, deliveryCount: 1);
        Assert.Equal(7u, script.Sender.Credit);
        script.Flow(0, credit: 2, deliveryCount: 1);
        Assert.Equal(0u, script.Sender.Credit);
        script.Flow(0, credit: 10, deliveryCount: 1_000); // ahead of us: cannot be
        Assert.Equal(10u, script.Sender.Credit);
    }

    [Fact]
    public void Flow_LinkEcho_IsAnsweredOnce()
    {
        Script script = Script.WithReceiver();
        script.Sender.Enqueue(new TestDelivery(1));
        script.Sender.Enqueue(new TestDelivery(1));

        script.Flow(0, credit: 0, echo: true);

        Flow flow = script.Only<Flow>();
        Assert.Equal((0u, 0u, 2u, false), (flow.DeliveryCount!.Value, flow.LinkCredit!.Value, flow.Available!.Value, flow.Echo));
    }

    [Fact]
    public void Flow_EchoAskedOfTheReceiver_IsAnsweredOnce()
    {
        Script script = Script.WithSender(credit: 4);

        script.Flow(0, credit: 4, echo: true);

        Assert.Equal(4u, script.Only<Flow>().LinkCredit);
    }

    [Fact]
    public void Drain_NothingQueued_IsAnsweredByTheEngine()
    {
        Script script = Script.WithReceiver();

        script.Flow(0, credit: 7, drain: true, echo: true);
        Assert.Empty(script.Written());
        Assert.True(script.Engine.HasPendingSends);
        script.Pump();

        Flow flow = script.Only<Flow>();
        Assert.Equal((7u, 0u, true), (flow.DeliveryCount!.Value, flow.LinkCredit!.Value, flow.Drain));
        Assert.False(script.Sender.Drain);
        Assert.Equal(0u, script.Sender.Credit);
    }

    [Fact]
    public void Drain_WithoutCreditLeft_IsAnsweredToo()
    {
        Script script = Script.WithReceiver();

        script.Flow(0, credit: 0, drain: true).Pump();

        Assert.True(script.Only<Flow>().Drain);
    }

    [Fact]
    public void Drain_SomethingQueued_IsSentFirst()
    {
        Script script = Script.WithReceiver();
        script.Sender.Enqueue(new TestDelivery(1));
        script.Sender.Enqueue(new TestDelivery(1));

        script.Flow(0, credit: 5, drain: true).Pump();

        List<WireFrame> frames = script.Written();
        Assert.Equal(3, frames.Count);
        Flow flow = Assert.IsType<Flow>(frames[2].Body);
        Assert.Equal((5u, 0u, true), (flow.DeliveryCount!.Value, flow.LinkCredit!.Value, flow.Drain));
    }

    [Fact]
    public void Drain_Manual_WaitsForTheOwner()
    {
        Script script = Script.WithReceiver();
        script.Sender.ManualDrain = true;
        script.Flow(0, credit: 5, drain: true).Pump();
        Assert.Empty(script.Written());
        Assert.True(script.Sender.Drain);

        script.Sender.Enqueue(new TestDelivery(1));
        script.Pump();
        script.Sender.Drained();
        script.Sender.Drained();

        Assert.Equal(5u, script.Only<Flow>().DeliveryCount);
    }

    [Fact]
    public void Drain_ManualAnsweredWithSomethingQueued_IsToldAfterIt()
    {
        Script script = Script.WithReceiver();
        script.Sender.ManualDrain = true;
        script.Flow(0, credit: 5, drain: true).Pump();
        script.Sender.Enqueue(new TestDelivery(1));

        Assert.False(script.Sender.Drained());
        Assert.Empty(script.Written());
        script.Events.Log.Clear();
        script.Pump();

        List<WireFrame> frames = script.Written();
        Assert.Equal(2, frames.Count);
        Flow flow = Assert.IsType<Flow>(frames[1].Body);
        Assert.Equal((5u, 0u, true), (flow.DeliveryCount!.Value, flow.LinkCredit!.Value, flow.Drain));
        Assert.Equal("flow link credit 0", script.Events.Log[^1]);
        Assert.True(script.Sender.Drained());
    }

    [Fact]
    public void Drain_AnotherBeforeTheAnswerIsWritten_IsNotAnsweredByIt()
    {
        Script script = Script.WithReceiver();
        script.Sender.ManualDrain = true;
        script.Flow(0, credit: 1, drain: true).Pump();
        script.Sender.Enqueue(new TestDelivery(1));
        Assert.False(script.Sender.Drained());

        script.Flow(0, credit: 5, drain: true).Pump();

        Assert.Single(script.Written());
        Assert.True(script.Sender.Drain);
    }

    [Fact]
    public void Drain_AnswerToAnEarlierOne_DoesNotEndIt()
    {
        Script script = Script.WithSender(credit: 0);
        script.Receiver.SetCredit(1, drain: true);
        script.Transfer(0, 0, [0], [1]);
        Assert.Equal("drained link", script.Events.Log[^1]);
        script.Receiver.SetCredit(5, drain: true);

        script.Flow(0, credit: 0, deliveryCount: 1, drain: true);
        Assert.Equal(5u, script.Receiver.Credit);
        script.Flow(0, credit: 0, deliveryCount: 6, drain: true);

        Assert.Equal(0u, script.Receiver.Credit);
        Assert.Equal(2, script.Events.Log.Count(entry => entry == "drained link"));
    }

    [Fact]
    public void Drain_MoreQueuedThanCredit_IsAnsweredWhenTheCreditIsUsed()
    {
        Script script = Script.WithReceiver();
        script.Sender.Enqueue(new TestDelivery(1));
        script.Sender.Enqueue(new TestDelivery(1));

        script.Flow(0, credit: 1, drain: true).Pump();

        List<WireFrame> frames = script.Written();
        Assert.Equal(2, frames.Count);
        Assert.True(Assert.IsType<Flow>(frames[1].Body).Drain);
        Assert.False(script.Sender.Drain);
    }

    [Fact]
    public void Drain_AnsweredByTheEngine_IsToldToTheOwner()
    {
        Script script = Script.WithReceiver();

        script.Flow(0, credit: 7, drain: true).Pump();

        Assert.True(script.Events.Log.Where(entry => entry.StartsWith("flow", StringComparison.Ordinal)).SequenceEqual(["flow link credit 7 drain", "flow link credit 0"], StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(false)]
    [InlineData(true)]
    public void SetCredit_AfterASettlement_IsWrittenAfterIt(bool? drain)
    {
        Script script = Script.WithSender(credit: 1);
        script.Transfer(0, 0, [0], [1]);
        script.Forget();

        script.Receiver.Update(0, Released.Instance, settled: true);
        script.Receiver.SetCredit(1, drain);

        List<WireFrame> frames = script.Written();
        Assert.Equal(2, frames.Count);
        Assert.IsType<Disposition>(frames[0].Body);
        Assert.IsType<Flow>(frames[1].Body);
    }

    [Fact]
    public void Drain_Receiver_IsToldWhenTheCreditComesBack()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink();
        sender.Enqueue(new TestDelivery(1));

        receiver.SetCredit(10, drain: true);
        pair.Run();

        Assert.Single(pair.ListenerEvents.Messages);
        Assert.Equal("drained link", pair.ListenerEvents.Log[^1]);
        Assert.Single(pair.ListenerEvents.Log, entry => entry == "drained link");
        Assert.Equal((0u, 0u), (sender.Credit, receiver.Credit));
        receiver.SetCredit(3);
        pair.Run();
        Assert.Equal((3u, 3u), (sender.Credit, receiver.Credit));
    }

    [Fact]
    public void Drain_UsedUpByALargeMessage_IsToldAfterItsLastFrame()
    {
        Script script = Script.WithSender(credit: 0);
        script.Receiver.SetCredit(1, drain: true);

        script.Transfer(0, 0, [0], [1], more: true);
        Assert.Empty(script.Events.Log);
        script.Transfer(0, 0, null, [1]);

        Assert.Equal("drained link", script.Events.Log[^1]);
    }

    [Fact]
    public void Drain_PeerGivesCreditBackWithoutAdvancing_IsTakenAsDrained()
    {
        Script script = Script.WithSender(credit: 0);
        script.Receiver.SetCredit(5, drain: true);

        script.Flow(0, credit: 0, deliveryCount: 0, drain: true);

        Assert.Equal("drained link", script.Events.Log[^1]);
        Assert.Equal(0u, script.Receiver.Credit);
    }

    [Fact]
    public void Advance_BeyondTheLimit_IsCut()
    {
        ReceiverCredit credit = default;
        credit.Initialize(0xffff_fff0);
        credit.Grant(0x20);

        credit.Advance(0x100);

        Assert.Equal(0x10u, credit.DeliveryCount);
        Assert.False(credit.TryTake());
    }

    [Fact]
    public void Grant_MoreThanSerialNumbersCompare_IsCut()
    {
        ReceiverCredit credit = default;
        credit.Initialize(5);

        Assert.Equal((uint)int.MaxValue, credit.Grant(uint.MaxValue));
        Assert.True(credit.TryTake());
        Assert.Equal((uint)int.MaxValue - 1, credit.Outstanding);
    }

    [Fact]
    public void SetCredit_BesideADrain_KeepsTheDrain()
    {
        Script script = Script.WithSender(credit: 3);
        script.Receiver.SetCredit(3, drain: true);
        script.Forget();

        script.Receiver.SetCredit(5, echo: true);

        Flow flow = script.Only<Flow>();
        Assert.True(flow.Drain);
        Assert.Equal(5u, flow.LinkCredit);
        script.Flow(0, credit: 0, deliveryCount: 5, drain: true);
        Assert.Contains(script.Events.Log, entry => entry == "drained link");
    }

    [Fact]
    public void SetCredit_WithoutDrain_EndsADrain()
    {
        Script script = Script.WithSender(credit: 3);
        script.Receiver.SetCredit(3, drain: true);
        script.Forget();

        script.Receiver.SetCredit(5, drain: false);

        Assert.False(script.Only<Flow>().Drain);
    }
}
