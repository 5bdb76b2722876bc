using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class LinkTests
{
    private static readonly AmqpError NotFound = new(ErrorCondition.NotFound, "no such queue");

    [Fact]
    public void Attach_Accepted_CarriesBothAttaches()
    {
        EnginePair pair = new();

        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink();

        Assert.True(sender.IsAttached && receiver.IsAttached);
        Assert.Equal("q", ((Target)receiver.RemoteAttach.Target!).Address);
        Assert.Equal("q", ((Target)sender.RemoteAttach.Target!).Address);
        Assert.Equal("attached link", pair.ClientEvents.Log[^1]);
    }

    [Fact]
    public void Attach_Refused_AnnouncesThenDetaches()
    {
        EnginePair pair = new EnginePair().Open();
        pair.ListenerEvents.LinkRequested = (link, _) => link.Refuse(NotFound);

        SendingLink sender = pair.Client.BeginSession(null).AttachSender(new Attach { Name = "x", Source = new Source(), Target = new Target { Address = "y" } }, null);
        pair.Run();

        Assert.Equal(["attached x refused", "detached x closed amqp:not-found"], pair.ClientEvents.Log[^2..]);
        Assert.False(sender.IsAttached);
        Assert.DoesNotContain(pair.ListenerEvents.Log, entry => entry.StartsWith("detached", StringComparison.Ordinal));
    }

    [Fact]
    public void Attach_RefusedReceiver_HasNoSource()
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = (link, _) => link.Refuse(NotFound);

        script.AttachReceiver("r", 0);

        List<WireFrame> frames = script.Written();
        Attach attach = Assert.IsType<Attach>(frames[0].Body);
        Assert.Null(attach.Source);
        Assert.NotNull(attach.Target);
        Assert.Equal(0u, attach.InitialDeliveryCount);
        Assert.Equal(NotFound.Condition, Assert.IsType<Detach>(frames[1].Body).Error?.Condition);
    }

    [Fact]
    public void Attach_AboveHandleMax_ClosesFramingError()
    {
        Script script = Script.InSession(Script.ListenerSettings with { HandleMax = 7 });

        script.AttachSender("a", 7);
        Assert.True(script.Engine.IsOpen);
        script.AttachSender("b", 8);

        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
    }

    [Fact]
    public void Attach_HandleInUse_EndsTheSession()
    {
        Script script = Script.WithSender();

        script.AttachSender("other", 0);

        script.AssertEnded(ErrorCondition.HandleInUse);
    }

    [Fact]
    public void Attach_TwoThousand_StopsAtHandleMax()
    {
        Script script = Script.InSession();

        for (uint handle = 0; handle < 2_000; handle++)
        {
            script.AttachSender($"link{handle}", handle);
        }

        Assert.Equal(1_024, script.Events.Links.Count);
        Assert.True(script.Events.Failed(ErrorCondition.FramingError));
    }

    [Fact]
    public void Attach_AboveTheConnectionsLimit_IsRefusedUntilALinkGoes()
    {
        Script script = Script.InSession(Script.ListenerSettings with { MaxLinks = 2 });
        script.AttachSender("a", 0).AttachSender("b", 1).Forget();

        script.AttachSender("c", 2);
        script.AssertDetachedWithoutEvent(ErrorCondition.ResourceLimitExceeded, handle: 2);
        script.Send(0, new Detach { Handle = 2 }).Send(0, new Detach { Handle = 0 }).AttachSender("d", 0);

        Assert.Equal("a b d", string.Join(' ', script.Events.Links.Select(link => link.Name)));
    }

    [Fact]
    public void Attach_EndedSession_GivesItsLinksBack()
    {
        Script script = Script.InSession(Script.ListenerSettings with { MaxLinks = 1 });
        script.AttachSender("a", 0).Send(0, default(End)).Begin(0);

        script.AttachSender("b", 0);

        Assert.True(script.Events.Links[1].IsAttached);
    }

    [Fact]
    public void Attach_SameNameAgain_StealsTheFirst()
    {
        Script script = Script.WithSender();
        ReceivingLink old = script.Receiver;

        script.AttachSender("link", 1);

        script.AssertDetached(ErrorCondition.Stolen);
        Assert.False(old.IsAttached);
        Assert.True(script.Receiver.IsAttached);
        Assert.NotSame(old, script.Receiver);
        script.Receiver.SetCredit(1);
        script.Send(0, new Detach { Handle = 0, Closed = true }).Transfer(1, 0, [1], [9]);
        Assert.Equal([9], Assert.Single(script.Events.Messages).Body);
    }

    [Fact]
    public void Attach_SameNameOtherDirection_IsAnotherLink()
    {
        Script script = Script.WithSender();

        script.AttachReceiver("link", 1);

        Assert.All(script.Events.Links, link => Assert.True(link.IsAttached));
    }

    [Fact]
    public void Attach_EmptyName_IsAccepted()
    {
        Script script = Script.InSession();

        script.AttachSender("", 0);

        Assert.True(script.Receiver.IsAttached);
    }

    [Fact]
    public void AttachSender_AboveThePeersHandleMax_Throws()
    {
        Script script = Script.InSession(handleMax: 0);
        script.Events.Sessions[0].AttachSender(new Attach { Name = "a" }, null);

        Assert.Throws<InvalidOperationException>(() => script.Events.Sessions[0].AttachSender(new Attach { Name = "b" }, null));
    }

    [Fact]
    public void AttachSender_LargerThanThePeersFrames_ThrowsAndWritesNothing()
    {
        Script script = Script.InSession(maxFrameSize: 512);

        MessagingException error = Assert.ThrowsAny<MessagingException>(() =>
            script.Events.Sessions[0].AttachSender(new Attach { Name = new string('n', 600) }, null));

        Assert.Equal(ErrorCondition.FrameSizeTooSmall, error.Error?.Condition);
        Assert.Empty(script.Written());
        Assert.All(Enumerable.Range(0, 100), _ => Assert.ThrowsAny<MessagingException>(() =>
            script.Events.Sessions[0].AttachSender(new Attach { Name = new string('n', 600) }, null)));
        Assert.InRange(AttachAndTakeHandle(script), 0u, 7u);
    }

    [Fact]
    public void Detach_ByThePeer_IsAnsweredInKindAndFreesTheHandle()
    {
        Script script = Script.WithSender();

        script.Send(0, new Detach { Handle = 0, Closed = false, Error = NotFound });

        Detach answer = script.Only<Detach>();
        Assert.False(answer.Closed);
        Assert.Null(answer.Error);
        Assert.Equal("detached link amqp:not-found", script.Events.Log[^1]);
        for (int i = 0; i < 100; i++)
        {
            script.AttachSender("link", 0).Send(0, new Detach { Handle = 0, Closed = true });
        }

        Assert.All(script.Written().Select(frame => frame.Body).OfType<Attach>(), attach => Assert.InRange(attach.Handle, 0u, 7u));
    }

    [Fact]
    public void Detach_ByUs_DiscardsUntilThePeersDetach()
    {
        Script script = Script.WithSender();

        script.Receiver.Detach(closed: true, null);
        Assert.True(script.Only<Detach>().Closed);
        script.Transfer(0, 0, [1], [1]).Flow(0, 5, echo: true);

        Assert.Empty(script.Events.Messages);
        Assert.Empty(script.Written());
        script.Send(0, new Detach { Handle = 0, Closed = true });
        Assert.Equal("detached link closed", Assert.Single(script.Events.Log));
    }

    [Fact]
    public void Detach_ByUsAndAttachedAgainAtOnce_MatchesTheRightAnswers()
    {
        EnginePair pair = new();
        (SendingLink first, _) = pair.OpenLink();
        first.Detach(closed: false, null);

        SendingLink second = first.Session.AttachSender(new Attach { Name = "link", Source = new Source(), Target = new Target() }, null);
        pair.Run();

        Assert.False(first.IsAttached);
        Assert.True(second.IsAttached);
    }

    [Fact]
    public void Detach_BeforeThePeersAttach_MatchesTheRightAnswers()
    {
        EnginePair pair = new EnginePair().Open();
        Session session = pair.Client.BeginSession(null);
        Attach attach = new() { Name = "link", Source = new Source(), Target = new Target() };

        SendingLink first = session.AttachSender(attach, null);
        first.Detach(closed: true, null);
        SendingLink second = session.AttachSender(attach, null);
        SendingLink third = session.AttachSender(attach with { Name = "other" }, null);
        pair.Run();

        Assert.Equal(["session begun", "detached link closed", "attached link", "attached other"], pair.ClientEvents.Log[^4..]);
        Assert.True(second.IsAttached && third.IsAttached);
    }

    [Fact]
    public void Detach_PeerGoesBeforeTheOwnerDecides_IsAnsweredInFull()
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = null;

        script.AttachSender("a", 0).Send(0, new Detach { Handle = 0, Closed = true });

        List<WireFrame> frames = script.Written();
        Assert.IsType<Attach>(frames[0].Body);
        Assert.IsType<Detach>(frames[1].Body);
        Assert.Equal("detached a closed", script.Events.Log[^1]);
        script.Receiver.Accept(default);
        Assert.Empty(script.Written());
    }

    [Fact]
    public void Detach_BothAtOnce_CompletesBoth()
    {
        EnginePair pair = new();
        (SendingLink sender, ReceivingLink receiver) = pair.OpenLink();

        sender.Detach(closed: true, null);
        receiver.Detach(closed: true, NotFound);
        pair.Run();

        Assert.Equal("detached link closed amqp:not-found", pair.ClientEvents.Log[^1]);
        Assert.Equal("detached link closed", pair.ListenerEvents.Log[^1]);
    }

    [Theory]
    [InlineData("flow")]
    [InlineData("detach")]
    [InlineData("transfer")]
    public void UnattachedHandle_EndsTheSession(string what)
    {
        Script script = Script.InSession();

        _ = what switch
        {
            "flow" => script.Flow(5, 1),
            "detach" => script.Send(0, new Detach { Handle = 5 }),
            _ => script.Transfer(5, 0, [1], [1]),
        };

        script.AssertEnded(ErrorCondition.UnattachedHandle);
    }

    [Fact]
    public void Attach_StormOfAttachAndDetach_LeavesNothingBehind()
    {
        Script script = Script.InSession(Script.ListenerSettings with { MaxLinks = 3 });

        for (int i = 0; i < 3_000; i++)
        {
            script.AttachSender("x", 2).Send(0, new Detach { Handle = 2, Closed = true });
        }

        Assert.Equal(3_000, script.Events.Links.Count);
        Assert.All(script.Written().Select(frame => frame.Body).OfType<Attach>(), attach => Assert.InRange(attach.Handle, 0u, 7u)); // of at most four links at a time
    }

    [Fact]
    public void Attach_UnknownSource_IsRefusedAndTheSessionLives()
    {
        Script script = Script.WithSender();
        byte[] fields = [0xa1, 1, (byte)'u', 0x52, 3, 0x41, 0x40, 0x40, 0x00, 0xa3, 3, (byte)'f', (byte)'o', (byte)'o', 0x45];

        script.RawFrame(0, [0x00, 0x53, 0x12, 0xc0, (byte)(fields.Length + 1), 6, .. fields]);

        script.AssertDetachedWithoutEvent(ErrorCondition.NotImplemented, handle: 1);
        script.Send(0, new Detach { Handle = 3, Closed = true }).Transfer(0, 0, [1], [1]);
        Assert.Single(script.Events.Messages);
    }

    private static uint AttachAndTakeHandle(Script script)
    {
        script.Events.Sessions[0].AttachSender(new Attach { Name = "short" }, null);
        return script.Only<Attach>().Handle;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Refusal_NameLargerThanThePeersFrames_EndsTheSessionOnly(bool isSender)
    {
        Script script = Script.InSession(maxFrameSize: 512);
        script.Events.LinkRequested = (link, _) => link.Refuse(NotFound);
        string name = new('n', 600);

        if (isSender)
            script.AttachSender(name, 0);
        else
            script.AttachReceiver(name, 0);

        script.AssertEnded(ErrorCondition.FrameSizeTooSmall);
        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Detach_OfAnUndecidedLinkWhoseNameIsTooLarge_EndsTheSessionAndTheCountOfLinksIsRight()
    {
        Script script = Script.InSession(Script.ListenerSettings with { MaxLinks = 1 }, maxFrameSize: 512);
        script.Events.LinkRequested = null;
        script.AttachSender(new string('n', 600), 0).Send(0, new Detach { Handle = 0, Closed = true });
        script.AssertEnded(ErrorCondition.FrameSizeTooSmall);
        script.Events.LinkRequested = (link, attach) => link.Accept(new Attach { Source = attach.Source, Target = attach.Target });

        script.Forget().Begin(1).AttachSender("next", 0, channel: 1);

        Assert.NotNull(script.Only<Attach>().Target);
    }
}
