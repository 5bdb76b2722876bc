using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Messages of several frames that a peer begins on many links and does not finish.</summary>
public class PartialMessageTests
{
    private static readonly EngineSettings Settings = Script.ListenerSettings with { MaxPartialBytes = 1_000 };

    [Fact]
    public void Transfers_UnfinishedOnOtherLinks_CloseTheLinkThatGoesOn()
    {
        Script script = WithLinks(3);
        script.Transfer(0, 0, [0], new byte[600], more: true).Transfer(1, 1, [1], new byte[600], more: true);
        Assert.Equal(1_200, script.Engine.PartialBytes);

        script.Forget().Transfer(2, 2, [2], new byte[1], more: true);

        script.AssertDetached(ErrorCondition.ResourceLimitExceeded, handle: 2);
        Assert.Equal(1_200, script.Engine.PartialBytes);
    }

    [Fact]
    public void Transfers_OneLargeMessage_IsFinished()
    {
        Script script = WithLinks(2);
        script.Transfer(0, 0, [0], new byte[900], more: true);

        for (int i = 0; i < 5; i++)
        {
            script.Transfer(1, 1, i == 0 ? [1] : null, new byte[900], more: i < 4);
        }

        Assert.Equal(4_500, Assert.Single(script.Events.Messages).Body.Length);
        Assert.Equal(900, script.Engine.PartialBytes);
    }

    [Fact]
    public void Transfers_FinishedAbortedOrDetached_CountNoLonger()
    {
        Script script = WithLinks(4);
        for (uint link = 0; link < 4; link++)
        {
            script.Transfer(link, link, [1], new byte[100], more: true);
        }

        Assert.Equal(400, script.Engine.PartialBytes);
        script.Transfer(0, 0, null, [1]);
        Assert.Equal(300, script.Engine.PartialBytes);
        script.Transfer(1, 1, null, aborted: true);
        Assert.Equal(200, script.Engine.PartialBytes);
        script.Send(0, new Detach { Handle = 2, Closed = true });
        Assert.Equal(100, script.Engine.PartialBytes);
        script.Send(0, new End());
        Assert.Equal(0, script.Engine.PartialBytes);
    }

    private static Script WithLinks(uint count)
    {
        Script script = Script.InSession(Settings);
        for (uint handle = 0; handle < count; handle++)
        {
            script.AttachSender($"link{handle}", handle);
            script.Receiver.SetCredit(10);
        }

        return script.Forget();
    }
}
