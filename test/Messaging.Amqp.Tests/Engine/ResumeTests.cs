using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Link recovery by the unsettled map (AMQP 1.0 part 2, 2.6.13), as far as the engine has a part in it.</summary>
public class ResumeTests
{
    private static readonly byte[] Known = [1];
    private static readonly byte[] Unknown = [2];

    [Fact]
    public void Attach_WithAMap_TellsItAndShowsThePeers()
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = (link, attach) => link.Accept(new Attach { Source = attach.Source, Target = attach.Target, Unsettled = Map((Known, Accepted.Instance)) });

        script.Send(0, Sender(Map((Known, null), (Unknown, new Received(1, 2)))));

        Assert.Equal(2, script.Receiver.RemoteAttach.Unsettled!.Count);
        Assert.Equal(new Received(1, 2), script.Receiver.RemoteAttach.Unsettled[Unknown]);
        Attach answer = script.Only<Attach>();
        Assert.IsType<Accepted>(answer.Unsettled![Known]);
        Assert.Null(answer.IncompleteUnsettled);
    }

    [Fact]
    public void Accept_MapLargerThanAFrame_IsShortenedAndMarkedIncomplete()
    {
        Script script = Script.InSession(maxFrameSize: 512);
        Dictionary<object, object?> map = Unsettled.NewMap();
        for (int i = 0; i < 1000; i++)
        {
            map.Add(BitConverter.GetBytes(i), Accepted.Instance);
        }

        script.Events.LinkRequested = (link, attach) => link.Accept(new Attach { Source = attach.Source, Target = attach.Target, Unsettled = map });

        script.Send(0, Sender(Map()));

        WireFrame frame = Assert.Single(script.Written());
        var answer = (Attach)frame.Body!;
        Assert.True(frame.Size <= 512);
        Assert.True(answer.IncompleteUnsettled);
        Assert.InRange(answer.Unsettled!.Count, 10, 60);
    }

    [Fact]
    public void AttachSender_MapLargerThanAFrame_ThrowsAndWritesNothing()
    {
        Script script = Script.InSession(maxFrameSize: 512);
        Dictionary<object, object?> map = Unsettled.NewMap();
        for (int i = 0; i < 1000; i++)
        {
            map.Add(BitConverter.GetBytes(i), null);
        }

        Assert.Throws<EngineException>(() => script.Events.Sessions[0].AttachSender(new Attach { Name = "link", Source = new Source(), Target = new Target(), Unsettled = map }, null));

        Assert.Empty(script.Written());
        SendingLink link = script.Events.Sessions[0].AttachSender(new Attach { Name = "link", Source = new Source(), Target = new Target() }, null);
        Assert.Equal("link", link.Name);
    }

    [Fact]
    public void Transfer_Resumed_IsWrittenAsSuch()
    {
        Script script = Script.WithReceiver(credit: 2, maxFrameSize: 512);

        script.Sender.Enqueue(new TestDelivery(600) { CustomTag = Known, Resume = true });
        script.Sender.Enqueue(new TestDelivery(0, settled: true) { CustomTag = Unknown, Resume = true, State = Accepted.Instance });
        script.Pump();

        List<WireTransfer> frames = [.. script.Written().Select(frame => (WireTransfer)frame.Body!)];
        Assert.Equal([Known, null, Unknown], frames.Select(frame => frame.Tag is { } tag ? Convert.FromHexString(tag) : null));
        Assert.Equal([true, false, true], frames.Select(frame => frame.Resume)); // on the first frame of each
        Assert.IsType<Accepted>(frames[2].State);
        Assert.Equal((true, 0), (frames[2].Settled == true, frames[2].PayloadSize));
    }

    [Fact]
    public void Transfer_ResumedAndInOurMap_IsDelivered()
    {
        Script script = Resumed();

        script.Transfer(0, 0, Known, [1, 2, 3], resume: true);

        Assert.Equal([1, 2, 3], Assert.Single(script.Events.Messages).Body);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Transfer_ResumedAndNotInOurMap_IsIgnoredWithAllItsFrames(bool settled)
    {
        Script script = Resumed();

        script.Transfer(0, 0, Unknown, [1], more: true, resume: true, settled: settled).Transfer(0, null, null, [2], more: true).Transfer(0, null, null, [3]);
        script.Transfer(0, 1, [3], [4]);

        Assert.Equal([4], Assert.Single(script.Events.Messages).Body);
        Assert.Single(script.Events.Log, entry => entry.StartsWith("aborted", StringComparison.Ordinal)); // its credit is the owner's to give again
        Assert.Equal(8u, script.Receiver.Credit);
    }

    [Fact]
    public void Transfer_NewOnALinkWithOurMapIncomplete_EndsTheLink()
    {
        Script script = Resumed(isIncomplete: true);

        script.Transfer(0, 0, Known, [1], resume: true).Forget();
        script.Transfer(0, 1, [9], [1]);

        script.AssertDetached(ErrorCondition.NotAllowed);
    }

    private static Script Resumed(bool? isIncomplete = null)
    {
        Script script = Script.InSession();
        script.Events.LinkRequested = (link, attach) => link.Accept(new Attach
        {
            Source = attach.Source,
            Target = attach.Target,
            Unsettled = Map((Known, null)),
            IncompleteUnsettled = isIncomplete,
        });
        script.Send(0, Sender(Map((Known, null))));
        script.Receiver.SetCredit(10);
        return script.Forget();
    }

    private static Attach Sender(IReadOnlyDictionary<object, object?> unsettled) => new()
    {
        Name = "link",
        Handle = 0,
        Source = new Source(),
        Target = new Target { Address = "q" },
        InitialDeliveryCount = 0,
        Unsettled = unsettled,
    };

    private static Dictionary<object, object?> Map(params (byte[] Tag, DeliveryState? State)[] entries)
    {
        Dictionary<object, object?> map = Unsettled.NewMap();
        foreach ((byte[] tag, DeliveryState? state) in entries)
        {
            map.Add(tag, state);
        }

        return map;
    }
}
