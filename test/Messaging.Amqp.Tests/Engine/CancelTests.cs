using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class CancelTests
{
    [Fact]
    public void Cancel_Queued_IsNotSentAndTheOthersAre()
    {
        Script script = Script.WithReceiver();
        TestDelivery[] deliveries = [new(1), new(2), new(3)];
        foreach (TestDelivery delivery in deliveries)
        {
            script.Sender.Enqueue(delivery);
        }

        Assert.Equal(CancelResult.NotSent, script.Sender.Cancel(deliveries[1]));
        Assert.Equal(CancelResult.TooLate, script.Sender.Cancel(deliveries[1]));
        Assert.Equal(2, script.Sender.Queued);

        script.Flow(0, 5).Pump();
        Assert.Equal([1, 3], script.Written().Select(frame => ((WireTransfer)frame.Body!).PayloadSize));
        Assert.Equal(3u, script.Sender.Credit);
    }

    [Fact]
    public void Cancel_InTheMiddle_AbortsAndTheNextOneIsWhole()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink(credit: 10);
        TestDelivery large = new(400_000);
        TestDelivery next = new(10);
        sender.Enqueue(large);
        sender.Enqueue(next);
        pair.Client.PumpSends(70_000);

        Assert.Equal(CancelResult.Aborted, sender.Cancel(large));
        pair.Run();

        Assert.Equal("aborted 0", pair.ListenerEvents.Log[^1]);
        Assert.Equal(next.Payload.ToArray(), Assert.Single(pair.ListenerEvents.Messages).Body);
        Assert.Equal(1u, next.DeliveryId);
        Assert.Equal((8u, 8u), (sender.Credit, receiver.Credit));
        Assert.Null(large.Link);
        Assert.False(large.IsSent);
    }

    [Fact]
    public void Cancel_InTheMiddleWithTheWindowClosed_AbortsWhenItOpens()
    {
        Script script = Script.Opened(maxFrameSize: 512).Begin(0, incomingWindow: 2).AttachReceiver("r", 0).Flow(0, 10, incomingWindow: 2);
        TestDelivery large = new(10_000);
        script.Sender.Enqueue(large);
        script.Pump();

        Assert.Equal(CancelResult.Aborted, script.Sender.Cancel(large));
        script.Sender.Enqueue(new TestDelivery(1));
        script.Forget().Pump();
        Assert.Empty(script.Written());
        script.Flow(null, null, nextIncomingId: 2, incomingWindow: 5).Pump();

        List<WireFrame> frames = script.Written();
        Assert.True(((WireTransfer)frames[0].Body!).Aborted);
        Assert.Equal(0u, ((WireTransfer)frames[0].Body!).DeliveryId);
        Assert.Equal(1u, ((WireTransfer)frames[1].Body!).DeliveryId);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cancel_AfterTheLastFrame_IsTooLate(bool settled)
    {
        Script script = Script.WithReceiver(credit: 1);
        TestDelivery delivery = new(1, settled);
        script.Sender.Enqueue(delivery);
        script.Pump();

        Assert.Equal(CancelResult.TooLate, script.Sender.Cancel(delivery));
        Assert.Equal(CancelResult.TooLate, script.Sender.Cancel(new TestDelivery(1)));
    }

    [Fact]
    public void Detach_WithDeliveriesUnderWay_ForgetsThem()
    {
        Script script = Script.WithReceiver(credit: 1);
        TestDelivery sent = new(1);
        TestDelivery queued = new(1);
        script.Sender.Enqueue(sent);
        script.Sender.Enqueue(queued);
        script.Pump().Forget();

        script.Sender.Detach(closed: false, null);
        script.Disposition(role: true, 0, 5, settled: true, Accepted.Instance).Flow(0, 10).Pump();

        Assert.False(sent.IsSettledByPeer);
        Assert.Null(sent.Link);
        Assert.Null(queued.Link);
        Assert.Single(script.Written());
        Assert.Empty(script.Events.Log);
    }

    [Theory]
    [InlineData("end")]
    [InlineData("peer's end")]
    [InlineData("close")]
    [InlineData("peer's close")]
    [InlineData("end of input")]
    [InlineData("violation")]
    public void SessionOrConnectionOver_DeliveriesUnderWay_CanBeSentElsewhere(string how)
    {
        Script script = Script.WithReceiver(credit: 1);
        TestDelivery sent = new(1);
        TestDelivery queued = new(1);
        script.Sender.Enqueue(sent);
        script.Sender.Enqueue(queued);
        script.Pump();

        switch (how)
        {
            case "end":
                script.Sender.Session.End(null);
                break;
            case "peer's end":
                script.Send(0, default(End));
                break;
            case "close":
                script.Engine.Close(null);
                break;
            case "peer's close":
                script.Send(0, default(Close));
                break;
            case "end of input":
                script.Engine.EndOfInput();
                break;
            default:
                script.Raw(0, 0, 0, 0, 0, 0, 0, 0);
                break;
        }

        Script other = Script.WithReceiver(credit: 2);
        other.Sender.Enqueue(queued);
        other.Sender.Enqueue(sent);
        other.Pump();
        Assert.Equal(2, other.Written().Count);
        Assert.Equal(0, script.Sender.Queued);
    }

    [Fact]
    public void Updated_SettledInTheMiddle_AbortsTheRest()
    {
        Script script = Script.Opened(maxFrameSize: 512).Begin(0).AttachReceiver("r", 0).Flow(0, 10);
        TestDelivery large = new(10_000);
        script.Sender.Enqueue(large);
        script.Engine.PumpSends(script.Engine.Output.Length + 1_000);
        script.Forget();

        script.Disposition(role: true, 0, null, settled: true, new Rejected(null)).Pump();

        Assert.True(large.IsSettledByPeer);
        Assert.True(script.Only<WireTransfer>().Aborted);
        Assert.False(large.IsSent);
        script.Sender.Enqueue(large); // free for another use
        Assert.Equal(1, script.Sender.Queued);
    }
}
