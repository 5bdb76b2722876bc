using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class OpeningTests
{
    private static readonly AmqpError Forced = new(ErrorCondition.ConnectionForced, "maintenance");

    [Fact]
    public void Open_Listener_WaitsForItsOwner()
    {
        Script script = Script.Amqp();
        script.Events.AutoOpen = false;

        script.Send(0, new Open { ContainerId = "peer" });

        Assert.True(script.Engine.IsInputPaused);
        Assert.Empty(script.Written());
        script.Engine.Open();
        Assert.True(script.Engine.IsOpen);
        Assert.Equal("listener", script.Only<Open>().ContainerId);
    }

    [Fact]
    public void Open_FrameBehindItWhileTheOwnerDecides_IsLeftUnconsumed()
    {
        Script script = Script.Amqp();
        script.Events.AutoOpen = false;
        AmqpWriter peer = new();
        FrameWriter.Write(peer, 0, 0, new Open { ContainerId = "peer" });
        int open = peer.Length;
        FrameWriter.Write(peer, 0, 0, new Begin { IncomingWindow = 1, OutgoingWindow = 1 });
        System.Buffers.ReadOnlySequence<byte> input = Segments.Single(peer.WrittenSpan.ToArray());

        SequencePosition position = script.Engine.Receive(in input, 0);

        Assert.Equal(open, input.Slice(0, position).Length);
        script.Engine.Open();
        script.Engine.Receive(input.Slice(position), 0);
        Assert.True(Assert.Single(script.Events.Sessions).IsBegun);
    }

    [Fact]
    public void Refuse_Listener_MarksItsOpenAndCloses()
    {
        Script script = Script.Amqp();
        script.Events.AutoOpen = false;
        script.Send(0, new Open { ContainerId = "peer" });

        script.Engine.Refuse(Forced);

        List<WireFrame> frames = script.Written();
        Open open = Assert.IsType<Open>(frames[0].Body);
        Assert.Equal(true, open.Properties!["amqp:connection-establishment-failed"]);
        Assert.Equal(ErrorCondition.ConnectionForced, Assert.IsType<Close>(frames[1].Body).Error?.Condition);
        script.Send(0, default(Close));
        Assert.Equal("closed", script.Events.Log[^1]);
        Assert.True(script.Engine.IsClosed);
    }

    [Fact]
    public void Open_SecondOne_ClosesIllegalState()
    {
        Script script = Script.Opened();

        script.Send(0, new Open { ContainerId = "again" });

        script.AssertClosed(ErrorCondition.IllegalState);
    }

    [Fact]
    public void Open_BeginFirst_ClosesIllegalState()
    {
        Script script = Script.Amqp();

        script.Begin(0);

        script.AssertClosed(ErrorCondition.IllegalState);
        Assert.Empty(script.Events.Sessions);
    }

    [Fact]
    public void Open_OnChannelFive_IsAccepted()
    {
        Script script = Script.Amqp();

        script.Send(5, new Open { ContainerId = "peer" });

        Assert.True(script.Engine.IsOpen);
    }

    [Theory]
    [InlineData(100u, 512u)]
    [InlineData(4_096u, 4_096u)]
    [InlineData(null, uint.MaxValue)]
    public void Open_MaxFrameSize_IsAtLeast512(uint? offered, uint expected)
    {
        Script script = Script.Opened(maxFrameSize: offered);

        Assert.Equal(expected, script.Engine.RemoteMaxFrameSize);
    }

    [Fact]
    public void Close_ByUs_DiscardsUntilThePeersClose()
    {
        Script script = Script.InSession();

        script.Engine.Close(Forced);
        Assert.Equal(ErrorCondition.ConnectionForced, script.Only<Close>().Error?.Condition);
        script.AttachSender("late", 0).Begin(1);

        Assert.Empty(script.Events.Log);
        Assert.Empty(script.Written());
        script.Send(0, new Close { Error = Forced });
        Assert.Equal("closed amqp:connection:forced", Assert.Single(script.Events.Log));
    }

    [Fact]
    public void Close_ByThePeer_IsAnsweredAndTheRestIgnored()
    {
        Script script = Script.Opened();

        script.Send(0, new Close { Error = Forced }).Begin(0);

        Assert.Null(script.Only<Close>().Error);
        Assert.Equal("closed amqp:connection:forced", Assert.Single(script.Events.Log));
        Assert.True(script.Engine.IsClosed);
    }

    [Fact]
    public void Close_ThenEndOfInput_Completes()
    {
        Script script = Script.Opened();
        script.Engine.Close(null);

        script.Engine.EndOfInput();

        Assert.Equal("closed", Assert.Single(script.Events.Log));
        Assert.Null(script.Events.Failure);
    }

    [Fact]
    public void Close_WithAnErrorLargerThanThePeersFrames_IsShortened()
    {
        Script script = Script.Opened(maxFrameSize: 512);

        script.Engine.Close(new AmqpError(ErrorCondition.InternalError, new string('x', 10_000)));

        WireFrame frame = Assert.Single(script.Written());
        Assert.True(frame.Size <= 512);
        Assert.Equal(ErrorCondition.InternalError, ((Close)frame.Body!).Error?.Condition);
    }

    [Fact]
    public void Close_WithAConditionThatDoesNotFit_IsCut()
    {
        Script script = Script.Opened(maxFrameSize: 512);

        script.Engine.Close(new AmqpError(new string('c', 600), new string('\uffff', 10_000)));

        WireFrame frame = Assert.Single(script.Written());
        Assert.True(frame.Size <= 512);
        Assert.Equal(new string('c', 80), ((Close)frame.Body!).Error?.Condition.Value);
    }

    [Fact]
    public void Close_BothAtOnce_CompletesBoth()
    {
        EnginePair pair = new EnginePair().Open();

        pair.Client.Close(null);
        pair.Listener.Close(Forced);
        pair.Run();

        Assert.Equal("closed amqp:connection:forced", pair.ClientEvents.Log[^1]);
        Assert.Equal("closed", pair.ListenerEvents.Log[^1]);
    }

    [Fact]
    public void Close_ClientGetsCloseWithoutOpen_Completes()
    {
        Recorder events = new();
        ConnectionEngine engine = events.Engine = new ConnectionEngine(Script.ClientSettings, events);
        engine.Start(0);
        AmqpWriter server = new();
        server.WriteRaw(FrameWriter.AmqpHeader);
        FrameWriter.Write(server, 0, 0, new Close { Error = Forced });

        engine.Receive(Segments.Single(server.WrittenSpan.ToArray()), 0);

        Assert.Equal("closed amqp:connection:forced", Assert.Single(events.Log));
    }

    [Fact]
    public void AfterClose_EveryCall_IsHarmless()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink(credit: 5);
        sender.Enqueue(new TestDelivery(1));
        pair.Listener.Close(null);
        pair.Client.Close(null);
        pair.Run();
        Assert.False(pair.Client.HasPendingSends);

        receiver.SetCredit(10);
        receiver.Update(0, Accepted.Instance, settled: true);
        receiver.Detach(closed: true, null);
        sender.Drained();
        sender.Session.End(null);
        pair.Client.Close(null);
        pair.Client.FlushDispositions();

        Assert.Equal(0, pair.Client.Output.Length);
        Assert.Equal(0, pair.Listener.Output.Length);
        Assert.Throws<InvalidOperationException>(() => sender.Enqueue(new TestDelivery(1)));
        Assert.Throws<InvalidOperationException>(() => pair.Client.BeginSession(null));
    }
}
