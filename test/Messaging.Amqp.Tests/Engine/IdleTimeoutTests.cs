using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

public class IdleTimeoutTests
{
    private static readonly EngineSettings Listener = Script.ListenerSettings with { IdleTimeout = 10_000 };

    [Fact]
    public void Open_WithIdleTimeout_AdvertisesHalf()
    {
        Script script = Script.Amqp(Listener);

        script.Send(0, new Open { ContainerId = "peer" });

        Assert.Equal(5_000u, script.Only<Open>().IdleTimeOut);
    }

    [Fact]
    public void Tick_PeerSilent_FailsAtTheFullTimeout()
    {
        Script script = Script.Opened(Listener);

        Assert.Equal(10_000, script.Engine.Tick(0));
        Assert.Equal(10_000, script.Engine.Tick(9_999));
        Assert.Equal(long.MaxValue, script.Engine.Tick(10_000));

        script.AssertClosed(ErrorCondition.ResourceLimitExceeded);
    }

    [Fact]
    public void Tick_AnyFrame_RestartsTheTimeout()
    {
        Script script = Script.Opened(Listener);
        script.Engine.Tick(0);
        script.Now = 6_000;

        script.RawFrame(0, []);

        Assert.Equal(16_000, script.Engine.Tick(10_000));
    }

    [Fact]
    public void Tick_LargeFrameArrivingSlowly_RestartsTheTimeout()
    {
        Script script = Script.Opened(Listener);
        script.Engine.Tick(0);
        script.Now = 6_000;
        script.Raw(0, 0, 0, 100, 2, 0, 0, 0);
        script.Now = 9_000;

        script.Raw(0, 0, 0, 100, 2, 0, 0, 0); // the same bytes again: nothing new has arrived

        Assert.Equal(16_000, script.Engine.Tick(10_000));
    }

    [Fact]
    public void Tick_OwnerTookLongToOpen_DoesNotCountThat()
    {
        Script script = Script.Amqp(Listener);
        script.Events.AutoOpen = false;
        script.Send(0, new Open { ContainerId = "peer" });
        Assert.Equal(long.MaxValue, script.Engine.Tick(60_000));

        script.Engine.Open();

        Assert.Equal(70_000, script.Engine.Tick(60_000));
        Assert.False(script.Engine.IsClosed);
    }

    [Fact]
    public void Tick_PeersTimeout_WritesAnEmptyFrameAtHalf()
    {
        Script script = Script.Opened(idleTimeOut: 4_000);
        Assert.Equal(2_000, script.Engine.Tick(0));
        Assert.Empty(script.Written());

        Assert.Equal(4_000, script.Engine.Tick(2_000));

        WireFrame frame = Assert.Single(script.Written());
        Assert.Null(frame.Body);
        Assert.Equal(0, frame.Channel);
    }

    [Fact]
    public void Tick_SomethingWasWritten_PutsTheEmptyFrameOff()
    {
        Script script = Script.Opened(idleTimeOut: 4_000);
        script.Now = 1_500;
        script.Begin(0).Forget();

        Assert.Equal(3_500, script.Engine.Tick(2_000));
        Assert.Empty(script.Written());
    }

    [Theory]
    [InlineData(1u, 50L)]
    [InlineData(uint.MaxValue, int.MaxValue)]
    [InlineData(0u, long.MaxValue)]
    public void Tick_AbsurdTimeoutOfThePeer_IsClamped(uint offered, long next)
    {
        Script script = Script.Opened(idleTimeOut: offered);

        Assert.Equal(next, script.Engine.Tick(0));
    }

    [Fact]
    public void Tick_AfterOurClose_WritesNothing()
    {
        Script script = Script.Opened(Listener, idleTimeOut: 4_000);
        script.Engine.Close(null);
        script.Forget();

        Assert.Equal(long.MaxValue, script.Engine.Tick(60_000));
        Assert.Empty(script.Written());
        Assert.Empty(script.Events.Log);
    }
}
