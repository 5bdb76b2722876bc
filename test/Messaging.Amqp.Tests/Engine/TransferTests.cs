using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class TransferTests
{
    private static readonly byte[] Tag = [7];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(100, 1)]
    [InlineData(65_000, 1)]
    [InlineData(65_536, 2)]
    [InlineData(300_000, 5)]
    public void Send_AnySize_ArrivesWholeAndInFramesWithinTheLimit(int size, int frames)
    {
        EnginePair pair = new();
        (SendingLink sender, _) = pair.OpenLink(credit: 2);
        TestDelivery delivery = new(size);

        sender.Enqueue(delivery);
        pair.Run();

        ReceivedMessage message = Assert.Single(pair.ListenerEvents.Messages);
        Assert.Equal(TestDelivery.Pattern(size), message.Body);
        Assert.Equal(frames, message.Frames);
        Assert.True(delivery.IsSent);
        Assert.Equal(0, sender.Queued);
        Assert.Equal(1u, sender.Credit);
    }

    [Fact]
    public void Send_MaxFrameSize512_NeverWritesALargerFrame()
    {
        Script script = Script.WithReceiver(credit: 1, maxFrameSize: 100);

        script.Sender.Enqueue(new TestDelivery(5_000) { CustomTag = new byte[32], State = new TransactionalState(new byte[32], null) });
        script.Pump();

        List<WireFrame> frames = script.Written();
        Assert.All(frames, frame => Assert.True(frame.Size <= 512));
        Assert.Equal(5_000, frames.Sum(frame => ((WireTransfer)frame.Body!).PayloadSize));
        Assert.True(frames.Count <= 12);
        WireTransfer first = (WireTransfer)frames[0].Body!;
        Assert.NotNull(first.Tag);
        Assert.NotNull(first.State);
        Assert.All(frames.Skip(1), frame => Assert.Null(((WireTransfer)frame.Body!).Tag));
        Assert.Equal(frames.Count - 1, frames.Count(frame => ((WireTransfer)frame.Body!).More));
    }

    [Fact]
    public void Send_DefaultTags_NumberTheLinksDeliveries()
    {
        Script script = Script.WithReceiver(credit: 3);
        script.Sender.Enqueue(new TestDelivery(1));
        script.Sender.Enqueue(new TestDelivery(1));
        script.Pump();
        script.Sender.NextTag = 1UL << 32;
        script.Sender.Enqueue(new TestDelivery(1));

        script.Pump();

        Assert.Equal("00000000 00000001 0000000100000000", string.Join(' ', script.Written().Select(frame => ((WireTransfer)frame.Body!).Tag)));
    }

    [Fact]
    public void Send_OutputLimit_StopsAndGoesOn()
    {
        Script script = Script.WithReceiver(credit: 100);
        for (int i = 0; i < 100; i++)
        {
            script.Sender.Enqueue(new TestDelivery(1_000));
        }

        script.Engine.PumpSends(10_000);
        Assert.InRange(script.Written().Count, 9, 11);
        Assert.True(script.Engine.HasPendingSends);
        script.Pump();
        Assert.False(script.Engine.HasPendingSends);
    }

    [Fact]
    public void Send_ManyLinks_TakeTurns()
    {
        Script script = Script.InSession();
        for (uint handle = 0; handle < 4; handle++)
        {
            script.AttachReceiver($"r{handle}", handle).Flow(handle, 100);
        }

        foreach (Link link in script.Events.Links)
        {
            for (int i = 0; i < 100; i++)
            {
                ((SendingLink)link).Enqueue(new TestDelivery(1_000));
            }
        }

        script.Forget().Engine.PumpSends(100_000);

        Assert.All(script.Written().CountBy(frame => ((WireTransfer)frame.Body!).Handle), link => Assert.InRange(link.Value, 15, 35));
    }

    [Fact]
    public void Send_MultiFrame_LetsOtherLinksInBetween()
    {
        Script script = Script.InSession().AttachReceiver("big", 0).AttachReceiver("small", 1).Flow(0, 1).Flow(1, 1);
        ((SendingLink)script.Events.Links[0]).Enqueue(new TestDelivery(1_000_000));
        ((SendingLink)script.Events.Links[1]).Enqueue(new TestDelivery(10));

        script.Forget().Pump(1 << 22);

        List<uint> handles = [.. script.Written().Select(frame => ((WireTransfer)frame.Body!).Handle)];
        Assert.InRange(handles.IndexOf(1), 1, 3);
    }

    [Fact]
    public void Send_WithoutCredit_Waits()
    {
        Script script = Script.WithReceiver();
        script.Sender.Enqueue(new TestDelivery(1));

        Assert.False(script.Engine.HasPendingSends);
        script.Pump();
        Assert.Empty(script.Written());

        script.Flow(0, 1).Pump();
        Assert.Single(script.Written());
    }

    [Fact]
    public void Enqueue_WrongUse_Throws()
    {
        Script script = Script.WithReceiver();
        TestDelivery delivery = new(1);
        script.Sender.Enqueue(delivery);

        Assert.Throws<InvalidOperationException>(() => script.Sender.Enqueue(delivery));
        Assert.Throws<ArgumentException>(() => script.Sender.Enqueue(new TestDelivery(1) { CustomTag = new byte[33] }));
        Assert.Throws<ArgumentException>(() => script.Sender.Enqueue(new TestDelivery(1) { CustomTag = [] }));
    }

    [Fact]
    public void Receive_SettledOnALaterFrame_IsSettled()
    {
        Script script = Script.WithSender();

        script.Transfer(0, 0, Tag, [1], more: true, settled: false).Transfer(0, null, null, [2], settled: true);

        ReceivedMessage message = Assert.Single(script.Events.Messages);
        Assert.True(message.Settled);
        script.Receiver.Update(0, Accepted.Instance, settled: true);
        script.Pump();
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Receive_SettledOnTheFirstFrame_StaysSettled()
    {
        Script script = Script.WithSender();

        script.Transfer(0, 0, Tag, [1], more: true, settled: true).Transfer(0, 0, Tag, [2]);

        Assert.True(Assert.Single(script.Events.Messages).Settled);
    }

    [Fact]
    public void Receive_TransferWithoutCredit_DetachesTransferLimitExceeded()
    {
        Script script = Script.WithSender(credit: 0);

        script.Transfer(0, 0, Tag, [1]);

        script.AssertDetached(ErrorCondition.TransferLimitExceeded);
    }

    [Fact]
    public void Receive_TransferBeforeTheLinkIsAccepted_Detaches()
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = null;

        script.AttachSender("a", 0).Transfer(0, 0, Tag, [1]);

        List<WireFrame> frames = script.Written();
        Assert.IsType<Attach>(frames[0].Body);
        Assert.Equal(ErrorCondition.TransferLimitExceeded, Assert.IsType<Detach>(frames[1].Body).Error?.Condition);
    }

    [Fact]
    public void Receive_InFlightWhenCreditIsLowered_IsTaken()
    {
        Script script = Script.WithSender(credit: 5);
        script.Receiver.SetCredit(0);

        script.Transfer(0, 0, [0], [1]).Transfer(0, 1, [1], [2]);

        Assert.Equal(2, script.Events.Messages.Count);
        Assert.Equal(0u, script.Receiver.Credit);
    }

    [Fact]
    public void Receive_WithoutDeliveryTag_DetachesInvalidField()
    {
        Script script = Script.WithSender();

        script.Transfer(0, 0, null, [1]);

        script.AssertDetached(ErrorCondition.InvalidField);
    }

    [Fact]
    public void Receive_WithoutDeliveryId_DetachesInvalidField()
    {
        Script script = Script.WithSender();

        script.Transfer(0, null, Tag, [1]);

        script.AssertDetached(ErrorCondition.InvalidField);
    }

    [Fact]
    public void Receive_TagOf33Octets_ClosesInvalidField()
    {
        Script script = Script.WithSender();

        script.RawFrame(0, [0x00, 0x53, 0x14, 0xc0, 40, 3, 0x43, 0x43, 0xa0, 33, .. new byte[33], 0x40]);

        Assert.True(script.Events.Failed(ErrorCondition.InvalidField) || script.Events.Failed(ErrorCondition.DecodeError));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Receive_ContinuationOfAnotherDelivery_DetachesInvalidField(bool otherTag)
    {
        Script script = Script.WithSender();
        script.Transfer(0, 0, Tag, [1], more: true);

        _ = otherTag ? script.Transfer(0, 0, [8], [2]) : script.Transfer(0, 1, Tag, [2]);

        script.AssertDetached(ErrorCondition.InvalidField);
        Assert.Empty(script.Events.Messages);
    }

    [Fact]
    public void Receive_DeliveryIdStillUnsettled_DetachesInvalidField()
    {
        Script script = Script.WithSender();

        script.Transfer(0, 0, Tag, [1]).Transfer(0, 0, [8], [1]);

        script.AssertDetached(ErrorCondition.InvalidField);
    }

    [Fact]
    public void Receive_DeliveryIdsThatJump_AreTaken()
    {
        Script script = Script.WithSender();

        script.Transfer(0, 0, [0], [1]).Transfer(0, 1_000, [1], [1]).Transfer(0, 0x9000_0000, [2], [1]);

        Assert.Equal(3, script.Events.Messages.Count);
    }

    [Fact]
    public void Receive_OnAHandleWhereThePeerReceives_EndsNotAllowed()
    {
        Script script = Script.WithReceiver();

        script.Transfer(0, 0, Tag, [1]);

        script.AssertEnded(ErrorCondition.NotAllowed);
    }

    [Fact]
    public void Receive_LargerThanMaxMessageSize_DetachesDuringAssembly()
    {
        Script script = Script.WithSender(maxMessageSize: 1_000);
        script.Transfer(0, 0, [0], new byte[1_000], settled: true);
        Assert.Single(script.Events.Messages);

        script.Transfer(0, 1, [1], new byte[600], more: true).Transfer(0, 1, null, new byte[401], more: true);

        script.AssertDetached(ErrorCondition.MessageSizeExceeded);
        script.Transfer(0, 1, null, new byte[60_000], more: true);
        Assert.Single(script.Events.Messages);
    }

    [Fact]
    public void Receive_AbortedInTheMiddle_IsForgottenAndUsesItsCredit()
    {
        Script script = Script.WithSender(credit: 2);

        script.Transfer(0, 0, Tag, [1], more: true).Transfer(0, 0, null, [2], aborted: true).Transfer(0, 1, [8], [3]);

        Assert.Equal("aborted 0", script.Events.Log[^1]);
        Assert.Equal([3], Assert.Single(script.Events.Messages).Body);
        Assert.Equal(0u, script.Receiver.Credit);
        script.Receiver.Update(0, Accepted.Instance, settled: true);
        script.Pump();
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Receive_AbortedAtOnce_IsReported()
    {
        Script script = Script.WithSender(credit: 1);

        script.Transfer(0, 0, Tag, [], aborted: true);

        Assert.Equal("aborted 0", script.Events.Log[^1]);
        Assert.Empty(script.Events.Messages);
    }

    [Fact]
    public void Receive_LinkLostInTheMiddle_NeverDeliversThePart()
    {
        Script script = Script.WithSender();
        script.Transfer(0, 0, Tag, [1], more: true).Send(0, new Detach { Handle = 0 });

        script.AttachSender("link", 0);
        script.Receiver.SetCredit(1);
        script.Transfer(0, 1, [8], [2]);

        Assert.Equal([2], Assert.Single(script.Events.Messages).Body);
    }
}
