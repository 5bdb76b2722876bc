using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Peers that open and close and never send.</summary>
public class ChurnTests
{
    private static readonly EngineSettings Settings = Script.ListenerSettings with { MaxChurn = 100 };

    [Fact]
    public void Sessions_BegunAndEndedTooOften_CloseTheConnection()
    {
        Script script = Script.Opened(Settings);

        BeginAndEnd(script, 100);
        Assert.True(script.Engine.IsOpen);
        script.Forget();
        BeginAndEnd(script, 1);

        script.AssertClosed(ErrorCondition.ResourceLimitExceeded);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Links_AttachedAndDetachedTooOften_CloseTheConnection(bool isRefused)
    {
        Script script = Script.InSession(Settings);
        if (isRefused)
        {
            script.Events.LinkRequested = (link, _) => link.Refuse(new AmqpError(ErrorCondition.UnauthorizedAccess));
        }

        AttachAndDetach(script, 100);
        Assert.True(script.Engine.IsOpen);
        script.Forget();
        AttachAndDetach(script, 1);

        script.AssertClosed(ErrorCondition.ResourceLimitExceeded);
    }

    [Fact]
    public void Churn_SpreadOverTime_IsFine()
    {
        Script script = Script.Opened(Settings);

        for (int i = 0; i < 10; i++)
        {
            BeginAndEnd(script, 100);
            script.Now += ConnectionEngine.ChurnPeriod;
        }

        Assert.True(script.Engine.IsOpen);
    }

    [Fact]
    public void Churn_WithTransfers_IsFine()
    {
        Script script = Script.InSession(Settings);
        script.Events.LinkRequested = (link, attach) => link.Accept(new Attach { Source = attach.Source, Target = attach.Target });

        for (uint i = 0; i < 1000; i++)
        {
            script.AttachSender("link", 0);
            script.Receiver.SetCredit(1);
            script.Transfer(0, i, [1], [0, 0x53, 0x75, 0xA0, 0], settled: true).Send(0, new Detach { Handle = 0, Closed = true }).Pump().Forget();
        }

        Assert.True(script.Engine.IsOpen);
    }

    /// <summary>A transfer that nobody looks at is no message.</summary>
    [Fact]
    public void Churn_WithTransfersOnARefusedLink_ClosesTheConnection()
    {
        Script script = Script.InSession(Settings);
        script.Events.LinkRequested = (link, _) => link.Refuse(new AmqpError(ErrorCondition.UnauthorizedAccess));
        script.AttachSender("refused", 1);

        for (uint i = 0; i < 101 && script.Engine.IsOpen; i++)
        {
            script.AttachSender("link", 0).Transfer(1, i, [1], [], settled: true).Forget().Send(0, new Detach { Handle = 0, Closed = true });
        }

        script.AssertClosed(ErrorCondition.ResourceLimitExceeded);
    }

    [Fact]
    public void Churn_OfManyForEachMessage_ClosesTheConnection()
    {
        Script script = Script.InSession(Settings);
        script.Events.LinkRequested = (link, attach) => link.Accept(new Attach { Source = attach.Source, Target = attach.Target });
        script.AttachSender("used", 1);
        script.Receiver.SetCredit(100);

        for (uint i = 0; i < 20 && script.Engine.IsOpen; i++)
        {
            script.Transfer(1, i, [1], [0, 0x53, 0x75, 0xA0, 0], settled: true);
            AttachAndDetach(script.Forget(), 40);
        }

        Assert.False(script.Engine.IsOpen);
    }

    [Fact]
    public void Churn_OfOurOwnMaking_IsFine()
    {
        Script script = Script.Opened(Settings);

        for (int i = 0; i < 1000; i++)
        {
            Session session = script.Engine.BeginSession(null);
            session.End(null);
            script.Begin(0, remoteChannel: session.Channel).Send(0, new End()).Forget();
        }

        Assert.True(script.Engine.IsOpen);
    }

    private static void BeginAndEnd(Script script, int count)
    {
        for (int i = 0; i < count; i++)
        {
            script.Begin(0).Send(0, new End());
        }
    }

    private static void AttachAndDetach(Script script, int count)
    {
        for (int i = 0; i < count; i++)
        {
            script.AttachSender("link", 0).Send(0, new Detach { Handle = 0, Closed = true });
        }
    }
}
