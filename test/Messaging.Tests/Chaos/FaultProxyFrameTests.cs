using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Testing.Proxy;
using Messaging.Tests.Support;

namespace Messaging.Tests.Chaos;

/// <summary>Faults that wait for a frame, and what can be seen of the frames.</summary>
public sealed class FaultProxyFrameTests
{
    private static readonly byte[] Open = RawPeer.Frame(new Open { ContainerId = "x" });
    private static readonly byte[] Begin = RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 });

    [Fact]
    public async Task Frames_OfARealConversation_AreCounted()
    {
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        await using var proxy = new FaultProxy(pair.Listener.Url);
        ValueTask<IConnection> connecting = pair.Client.ConnectAsync(proxy.Url, BoundedWaits.Stop);
        await using IConnection accepted = await (await pair.NextConnectionAsync()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await using IConnection connection = await connecting.Bounded();
        ValueTask<ISender> creating = connection.CreateSenderAsync("q", BoundedWaits.Stop);
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        IReceiver receiver = await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        ISender sender = await creating.Bounded();
        Task consuming = receiver.ReceiveAllAsync(3, BoundedWaits.Stop).CountAsync(BoundedWaits.Stop).Bounded();
        for (int i = 0; i < 3; i++)
            await sender.SendAsync(new Message(i), BoundedWaits.Stop).Bounded();
        await consuming;
        await connection.CloseAsync(BoundedWaits.Stop).Bounded();
        await proxy.ToServer.WaitForAsync(FrameKind.Close);
        await proxy.ToClient.WaitForAsync(FrameKind.Close);

        ProxyConnection seen = Assert.Single(proxy.Connections);
        Assert.Equal(3, seen.ToServer.Frames[FrameKind.Transfer]);
        Assert.Equal(3, proxy.ToServer[FrameKind.Transfer]);
        Assert.Equal(0, proxy.ToClient[FrameKind.Transfer]);
        Assert.Equal(1, proxy.ToClient[FrameKind.SaslOutcome]);
        Assert.InRange(proxy.ToClient[FrameKind.Disposition], 1, 3);
        FrameKind[] once = [FrameKind.SaslHeader, FrameKind.AmqpHeader, FrameKind.Open, FrameKind.Begin, FrameKind.Attach, FrameKind.Close];
        Assert.All(once, kind => Assert.Equal((1, 1), (seen.ToServer.Frames[kind], seen.ToClient.Frames[kind])));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task Trigger_AtTheSecondBegin_LetsExactlyTheFramesBeforeItPass(bool before, int begins)
    {
        Task fired = Task.CompletedTask;
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection => fired = before
            ? connection.ToServer.Before(FrameKind.Begin, 2, victim => victim.Drop())
            : connection.ToServer.After(FrameKind.Begin, 2, victim => victim.Drop()));

        await rig.Client.SendAsync((byte[])[.. FrameWriter.AmqpHeader, .. Open, .. Begin, .. Begin, .. Begin], BoundedWaits.Stop);
        byte[] arrived = await ProxyRig.ReadAsync(rig.Server, 100_000);

        await fired.Bounded();
        Assert.Equal(8 + Open.Length + (begins * Begin.Length), arrived.Length);
        Assert.Equal(begins, rig.Proxy.ToServer[FrameKind.Begin]);
    }

    [Fact]
    public async Task Triggers_AtTheSameFrame_AllFire()
    {
        int fired = 0;
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection =>
        {
            _ = connection.ToServer.After(FrameKind.Open, 1, _ => fired++);
            _ = connection.ToServer.After(FrameKind.Any, 2, _ => fired++);
        });

        await rig.Client.SendAsync((byte[])[.. FrameWriter.AmqpHeader, .. Open], BoundedWaits.Stop);
        await rig.Proxy.ToServer.WaitForAsync(FrameKind.Open);
        await rig.Client.SendAsync(Begin, BoundedWaits.Stop);
        await rig.Proxy.ToServer.WaitForAsync(FrameKind.Begin);

        Assert.Equal(2, fired);
    }

    [Fact]
    public async Task Trigger_WhoseFrameNeverComes_IsCancelledWithItsConnection()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();
        Task never = rig.Connection.ToServer.After(FrameKind.Transfer, 1, _ => { });

        rig.Connection.Reset();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never.Bounded());
    }

    [Fact]
    public async Task Frames_SplitAtEveryByte_AreRecognised()
    {
        await using var second = new ProxyRig();
        await using ProxyRig rig = await ProxyRig.ConnectAsync(connection => connection.ToServer.Pieces = [1]);
        byte[] symbolic = RawPeer.Frame([0, 0xA3, 14, .. "amqp:open:list"u8, 0xC0, 4, 1, 0xA1, 1, (byte)'x']);
        byte[] large = RawPeer.TransferFrame(0, new byte[30_000]);
        byte[] all = [.. FrameWriter.SaslHeader, .. symbolic, .. RawPeer.Frame([]), .. large, .. RawPeer.Frame(new Close())];

        foreach (byte[] part in all.Chunk(7))
            await rig.Client.SendAsync(part, BoundedWaits.Stop);
        byte[] arrived = await ProxyRig.ReadAsync(rig.Server, all.Length);

        Assert.Equal(all, arrived);
        await rig.Proxy.ToServer.WaitForAsync(FrameKind.Close);
        Assert.Equal("SaslHeader 1, Empty 1, Open 1, Transfer 1, Close 1", rig.Proxy.ToServer.ToString());
    }

    [Fact]
    public void TryRead_PartOfAFrame_HasNoLengthYet()
    {
        Assert.False(FrameScanner.TryRead(FrameWriter.SaslHeader[..7], out _, out long ofHeader));
        Assert.False(FrameScanner.TryRead(Open.AsSpan(0, Open.Length - 1), out _, out long ofFrame));
        Assert.Equal((0, 0), (ofHeader, ofFrame)); // the pump would take it for the rest of a frame that has begun, and see none any more
    }

    [Fact]
    public async Task PartOfAFrame_AtTheEndOfTheStream_PassesToo()
    {
        await using ProxyRig rig = await ProxyRig.ConnectAsync();

        await rig.Client.SendAsync(Open.AsMemory(0, Open.Length - 1), BoundedWaits.Stop);
        rig.Client.Shutdown(System.Net.Sockets.SocketShutdown.Send);

        Assert.Equal(Open[..^1], await ProxyRig.ReadAsync(rig.Server, Open.Length));
        Assert.Equal("nothing", rig.Proxy.ToServer.ToString());
    }

    [Fact]
    public void Plan_OfASeed_IsAlwaysTheSame()
    {
        var plan = new FaultPlan(42, Fault.Drop, Fault.Reset, Fault.HalfCloseToClient) { MostFrames = 50 };
        var same = new FaultPlan(42, Fault.Drop, Fault.Reset, Fault.HalfCloseToClient) { MostFrames = 50 };
        var other = new FaultPlan(43, Fault.Drop, Fault.Reset, Fault.HalfCloseToClient) { MostFrames = 50 };
        FaultStep[] steps = [.. Enumerable.Range(0, 100).Select(plan.StepOf)];

        Assert.Equal(steps, Enumerable.Range(0, 100).Reverse().Select(same.StepOf).Reverse());
        Assert.NotEqual(steps, Enumerable.Range(0, 100).Select(other.StepOf));
        Assert.Equal(3, steps.Select(step => step.Fault).Distinct().Count());
        Assert.All(steps, step => Assert.InRange(step.Frames, 1, 50));
        Assert.Equal(2, steps.Select(step => step.ToServer).Distinct().Count());
    }

    [Fact]
    public async Task Plan_Armed_KillsItsConnectionsAndLetsTheOthersLive()
    {
        var plan = new FaultPlan(7, Fault.Reset) { Faults = 1, MostFrames = 3 };
        await using ProxyRig rig = await ProxyRig.ConnectAsync(plan.Arm);
        FaultStep step = plan.StepOf(0);
        System.Net.Sockets.Socket from = step.ToServer ? rig.Client : rig.Server;
        await from.SendAsync((byte[])[.. FrameWriter.AmqpHeader, .. Open, .. Begin], BoundedWaits.Stop);
        await rig.Connection.Ended.Bounded();
        using System.Net.Sockets.Socket client = await rig.DialAsync();
        using System.Net.Sockets.Socket server = await rig.AcceptAsync();
        await client.SendAsync((byte[])[.. FrameWriter.AmqpHeader, .. Open, .. Begin, .. Begin], BoundedWaits.Stop);

        Assert.Equal(8 + Open.Length + (2 * Begin.Length), (await ProxyRig.ReadAsync(server, 8 + Open.Length + (2 * Begin.Length))).Length);
        Assert.Equal(1, plan.Happened);
        Assert.Contains("CHAOS_SEED=7", plan.ToString(), StringComparison.Ordinal);
        Assert.Contains(step.ToString(), plan.ToString(), StringComparison.Ordinal);
    }
}
