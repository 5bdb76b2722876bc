using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Names are unique between two containers, not within a session only (AMQP 1.0 part 2, 2.6.1).</summary>
public class LinkNameTests
{
    [Fact]
    public void Attach_SameNameOnAnotherSession_StealsTheFirst()
    {
        Script script = Script.InSession().Begin(1).AttachSender("link", 0).Forget();

        script.AttachSender("link", 0, channel: 1);

        List<WireFrame> frames = script.Written();
        WireFrame detach = Assert.Single(frames, frame => frame.Body is Detach);
        Assert.Equal(0, detach.Channel);
        Assert.Equal(ErrorCondition.Stolen, ((Detach)detach.Body!).Error?.Condition);
        WireFrame attach = Assert.Single(frames, frame => frame.Body is Attach);
        Assert.Equal(1, attach.Channel);
        Assert.True(script.Events.Links[1].IsAttached);
        Assert.Equal(["detached link closed amqp:link:stolen", "link requested link"], script.Events.Log);
    }

    [Fact]
    public void Attach_NameOfAnEndedSession_IsFree()
    {
        Script script = Script.InSession().Begin(1).AttachSender("link", 0).Send(0, new End()).Forget();

        script.AttachSender("link", 0, channel: 1);

        Assert.IsType<Attach>(Assert.Single(script.Written()).Body);
        Assert.Equal(["link requested link"], script.Events.Log);
    }

    [Fact]
    public void Attach_SameNameOnSessionsThatAreNotAccepted_RefusesTheFirst()
    {
        Script script = Script.Opened();
        script.Events.SessionRequested = null;
        script.Begin(0).Begin(1).AttachSender("link", 0).AttachSender("link", 0, channel: 1).Forget();

        script.Events.Sessions.ForEach(session => session.Begin());

        List<WireFrame> frames = script.Written();
        WireFrame detach = Assert.Single(frames, frame => frame.Body is Detach);
        Assert.Equal(0, detach.Channel);
        Assert.Equal(ErrorCondition.Stolen, ((Detach)detach.Body!).Error?.Condition);
        Assert.Equal(["link requested link"], script.Events.Log);
        Assert.True(script.Events.Links[0].IsAttached);
    }
}
