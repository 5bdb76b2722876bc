using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>What a peer may make us keep by attaching links.</summary>
public class LinkLimitTests
{
    private static readonly AmqpError NotFound = new(ErrorCondition.NotFound);

    [Fact]
    public void Attach_TwiceTheLimitAndNoDetach_ClosesTheConnection()
    {
        Script script = Script.InSession(Script.ListenerSettings with { MaxLinks = 2 });
        for (uint handle = 0; handle < 4; handle++)
        {
            script.AttachSender($"link{handle}", handle);
        }

        Assert.Equal(2, script.Written().Count(frame => frame.Body is Detach));
        Assert.True(script.Engine.IsOpen);

        script.AttachSender("one too many", 4);

        script.AssertClosed(ErrorCondition.ResourceLimitExceeded);
    }

    [Fact]
    public void Attach_RefusedAndDetachedAgain_GoesOn()
    {
        Script script = Script.InSession(Script.ListenerSettings with { MaxLinks = 2 }).AttachSender("a", 0).AttachSender("b", 1);

        for (int i = 0; i < 20; i++)
        {
            script.Forget().AttachSender("c", 2);
            Assert.Equal(ErrorCondition.ResourceLimitExceeded, script.Only<Detach>().Error?.Condition);
            script.Send(0, new Detach { Handle = 2, Closed = true });
        }

        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Refuse_LinkOfAnyOwner_KeepsNothingOfTheAttach()
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = (link, _) =>
        {
            link.Owner = script;
            link.Refuse(NotFound);
        };

        Attach(script, "large", 0, 10_000);

        Link link = Assert.Single(script.Events.Links);
        Assert.Equal((null, null, null, ""), (link.RemoteAttach.Properties, link.RemoteAttach.Target, link.Owner, link.Name));
        Assert.Equal(0, script.Engine.AttachBytes);
        script.Forget().Send(0, new Detach { Handle = 0, Closed = true }).AttachSender("large", 0);
        Assert.Equal(ErrorCondition.NotFound, script.Only<Detach>().Error?.Condition);
    }

    [Fact]
    public void Attach_MoreBytesThanTheLimit_IsRefusedUntilALinkGoes()
    {
        Script script = Script.InSession(Script.ListenerSettings with { MaxAttachBytes = 20_000 });
        Attach(script, "a", 0, 12_000);
        Attach(script.Forget(), "b", 1, 12_000);
        script.AssertDetachedWithoutEvent(ErrorCondition.ResourceLimitExceeded, handle: 1);

        script.Send(0, new Detach { Handle = 0, Closed = true });
        Attach(script.Forget(), "c", 0, 12_000);

        Assert.Equal(["link requested c"], script.Events.Log);
        script.Send(0, new End());
        Assert.Equal(0, script.Engine.AttachBytes);
    }

    /// <summary>The peer may never send its end: what it attached is not kept for it.</summary>
    [Fact]
    public void Session_EndedHere_KeepsNoLink()
    {
        Script script = Script.InSession();
        Attach(script, "large", 0, 10_000);
        WeakReference link = Forget(script);

        script.Transfer(7, 0, [1], [1]);

        script.AssertEnded(ErrorCondition.UnattachedHandle);
        for (int i = 0; i < 10 && link.IsAlive; i++)
        {
            GC.Collect();
        }

        Assert.False(link.IsAlive);

        static WeakReference Forget(Script script)
        {
            var link = new WeakReference(script.Events.Links[^1]);
            script.Events.Links.Clear();
            return link;
        }
    }

    private static void Attach(Script script, string name, uint handle, int size) => script.Send(0, new Attach
    {
        Name = name,
        Handle = handle,
        Source = new Source(),
        Target = new Target { Address = "q" },
        InitialDeliveryCount = 0,
        Properties = new Dictionary<Symbol, object?> { ["large"] = new byte[size] },
    });
}
