using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class SessionTests
{
    private static readonly AmqpError Error = new(ErrorCondition.NotAllowed, "no");

    [Fact]
    public void Begin_ByUs_IsBegunWithThePeersAnswer()
    {
        EnginePair pair = new EnginePair().Open();
        object owner = new();

        Session session = pair.Client.BeginSession(owner);
        Assert.False(session.IsBegun);
        pair.Run();

        Assert.True(session.IsBegun);
        Assert.Same(owner, session.Owner);
        Assert.Equal("session begun", pair.ClientEvents.Log[^1]);
        Assert.True(pair.ListenerEvents.Sessions[0].IsBegun);
    }

    [Fact]
    public void BeginSession_AboveThePeersChannelMax_Throws()
    {
        Script script = Script.Client(channelMax: 1);
        script.Engine.BeginSession(null);
        script.Engine.BeginSession(null);

        Assert.Throws<InvalidOperationException>(() => script.Engine.BeginSession(null));
    }

    [Fact]
    public void BeginSession_AfterBothEnds_UsesTheChannelAgainButNotAtOnce()
    {
        EnginePair pair = new EnginePair().Open();
        Session first = pair.Client.BeginSession(null);
        Session second = pair.Client.BeginSession(null);
        pair.Run();
        first.End(null);
        Assert.Equal(2, pair.Client.BeginSession(null).Channel); // ours may still be answered on 0
        pair.Run();

        Assert.Equal(3, pair.Client.BeginSession(null).Channel);
        List<ushort> later = [];
        for (int i = 0; i < 8; i++)
        {
            Session next = pair.Client.BeginSession(null);
            later.Add(next.Channel);
            next.End(null);
            pair.Run();
        }

        Assert.Equal((0, 1), (first.Channel, second.Channel));
        Assert.Contains((ushort)0, later);
    }

    [Fact]
    public void Begin_AboveOurChannelMax_ClosesFramingError()
    {
        Script script = Script.Opened();

        script.Begin(65_535);

        script.AssertClosed(ErrorCondition.FramingError);
    }

    [Fact]
    public void Begin_TenThousandTimes_StopsAtChannelMax()
    {
        Script script = Script.Opened();

        for (int channel = 0; channel < 10_000; channel++)
        {
            script.Begin((ushort)channel);
        }

        Assert.Equal(256, script.Events.Sessions.Count);
        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
    }

    [Fact]
    public void Begin_TwiceOnOneChannel_ClosesIllegalState()
    {
        Script script = Script.InSession();

        script.Begin(0);

        script.AssertClosed(ErrorCondition.IllegalState);
    }

    [Theory]
    [InlineData(0)] // a session of the peer's own
    [InlineData(9)]
    public void Begin_AnswerToNothing_ClosesInvalidField(ushort remoteChannel)
    {
        Script script = Script.InSession();

        script.Begin(1, remoteChannel: remoteChannel);

        script.AssertClosed(ErrorCondition.InvalidField);
    }

    [Fact]
    public void Begin_StormOfBeginAndEnd_LeavesNothingBehind()
    {
        Script script = Script.Opened();

        for (int i = 0; i < 3_000; i++)
        {
            script.Begin(3).Send(3, default(End));
        }

        List<WireFrame> written = script.Written();
        Assert.True(script.Engine.IsOpen);
        Assert.Equal(6_000, written.Count);
        Assert.All(written, frame => Assert.InRange(frame.Channel, 0, 7)); // the same few channels again and again
    }

    [Fact]
    public void Refuse_Session_BeginsAndEnds()
    {
        Script script = Script.Opened();
        script.Events.SessionRequested = session => session.Refuse(Error);

        script.Begin(4);

        List<WireFrame> frames = script.Written();
        Assert.Equal((ushort)4, Assert.IsType<Begin>(frames[0].Body).RemoteChannel);
        Assert.Equal(Error.Condition, Assert.IsType<End>(frames[1].Body).Error?.Condition);
        script.AttachSender("late", 0, channel: 4).Send(4, default(End));
        Assert.Empty(script.Written());
        Assert.Equal(["session requested"], script.Events.Log);
    }

    [Fact]
    public void Begin_EndedBeforeTheOwnerDecides_IsAnsweredInFull()
    {
        Script script = Script.Opened();
        script.Events.SessionRequested = null;

        script.Begin(0).Send(0, new End { Error = Error });

        List<WireFrame> frames = script.Written();
        Assert.IsType<Begin>(frames[0].Body);
        Assert.IsType<End>(frames[1].Body);
        Assert.Equal("session ended amqp:not-allowed", script.Events.Log[^1]);
        script.Events.Sessions[0].Begin();
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Begin_AttachBehindItBeforeTheOwnerDecides_IsOfferedWithBegin()
    {
        Script script = Script.Opened();
        script.Events.SessionRequested = null;
        script.Begin(0).AttachSender("early", 0);
        Assert.Empty(script.Events.Links);

        script.Events.Sessions[0].Begin();

        Assert.True(Assert.Single(script.Events.Links).IsAttached);
    }

    [Fact]
    public void End_ByUs_DiscardsUntilThePeersEnd()
    {
        Script script = Script.WithSender();

        script.Events.Sessions[0].End(Error);
        Assert.Equal(Error.Condition, script.Only<End>().Error?.Condition);
        script.Transfer(0, 0, [1], [1]).Flow(null, null, echo: true).Flow(99, 1).AttachSender("late", 1)
            .Disposition(role: false, 0, null, settled: true, null).Send(0, new Detach { Handle = 0 });

        Assert.Empty(script.Written());
        Assert.Empty(script.Events.Messages);
        script.Send(0, default(End));
        Assert.Equal("session ended", Assert.Single(script.Events.Log));
        script.Begin(0);
        Assert.True(script.Events.Sessions[1].IsBegun);
    }

    [Fact]
    public void End_BothAtOnce_CompletesBoth()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink();

        sender.Session.End(null);
        receiver.Session.End(Error);
        pair.Run();

        Assert.Equal("session ended amqp:not-allowed", pair.ClientEvents.Log[^1]);
        Assert.Equal("session ended", pair.ListenerEvents.Log[^1]);
        Assert.False(sender.IsAttached);
    }

    [Fact]
    public void End_ThenFrameOnThatChannel_ClosesIllegalState()
    {
        Script script = Script.WithSender();
        script.Send(0, default(End)).Forget();

        script.Transfer(0, 0, [1], [1]);

        script.AssertClosed(ErrorCondition.IllegalState);
    }

    [Fact]
    public void Violation_OnOneSession_LeavesTheOtherAlive()
    {
        Script script = Script.InSession();
        script.Begin(1).AttachSender("other", 0, channel: 1);
        script.Receiver.SetCredit(1);
        script.Forget();

        script.Send(0, new Detach { Handle = 5 });

        script.AssertEnded(ErrorCondition.UnattachedHandle);
        script.Transfer(0, 0, [1], [1, 2, 3], channel: 1);
        Assert.Equal([1, 2, 3], Assert.Single(script.Events.Messages).Body);
    }
}
