using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Recovery;

/// <summary>Links that are attached and do nothing.</summary>
public class WatchdogTests
{
    [Fact]
    public async Task SenderWithoutCredit_IsToldOnce()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { SenderWithoutCredit = TimeSpan.FromSeconds(8) });
        ISender sender = await server.SenderAsync();
        var stalls = new List<LinkStalledEventArgs>();
        var told = new TaskCompletionSource();
        server.Connection.LinkStalled += (_, stall) =>
        {
            stalls.Add(stall);
            told.TrySetResult();
        };
        _ = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();
        await server.FenceAsync();

        await time.PassUntilAsync(told.Task, TimeSpan.FromSeconds(1));
        await LookAsync(server, time, times: 15);

        LinkStalledEventArgs stall = Assert.Single(stalls);
        Assert.Same(sender, stall.Link);
        Assert.True(stall.Duration >= TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task SilentReceiver_IsAskedAndThenAttachedAgain()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { ReceiverSilence = TimeSpan.FromSeconds(8), Reattach = true });
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        var told = new TaskCompletionSource<LinkStalledEventArgs>();
        server.Connection.LinkStalled += (_, stall) => told.TrySetResult(stall);
        Task<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<Flow>();

        await LookAsync(server, time, times: 5); // silent from the first look on, asked eight seconds later
        Assert.True((await server.Peer.ReadUntilAsync<Flow>()).Echo);
        await AnswerAsync(server, deliveries: 0);
        await LookAsync(server, time, times: 1);

        Assert.False((await server.Peer.ReadUntilAsync<Detach>()).Closed);
        Assert.True((await told.Task.Bounded()).PeerAnswers);
        await server.Peer.SendAsync(new Detach { Handle = 0 });
        Attach again = await server.Peer.AnswerAttachAsync();
        Assert.Equal(receiver.Name, again.Name);
        Assert.Equal(10u, (await server.Peer.ReadUntilAsync<Flow>()).LinkCredit);
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("alive")), handle: again.Handle);
        Assert.Equal("alive", (await receiving.Bounded()).Message.Body);
    }

    [Fact]
    public async Task StalledSender_SendWhileItIsAttachedAgain_GoesOutOnTheNewLink()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { SenderWithoutCredit = TimeSpan.FromSeconds(8), Reattach = true });
        ISender sender = await server.SenderAsync();
        Task first = sender.SendAsync(new Message("1"), BoundedWaits.Stop).AsTask();
        await LookAsync(server, time, times: 5);
        await server.Peer.ReadUntilAsync<Detach>();

        Task second = sender.SendAsync(new Message("2"), BoundedWaits.Stop).AsTask();
        await server.FenceAsync();
        await server.Peer.SendAsync(new Detach { Handle = 0 });
        Attach again = await server.Peer.AnswerAttachAsync();
        await server.Peer.GiveCreditAsync(2, handle: again.Handle);

        Assert.Equal(RawPeer.Encode(new Message("1")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        Assert.Equal(RawPeer.Encode(new Message("2")), (await server.Peer.ReadUntilAsync<RawTransfer>()).Payload);
        await server.Peer.SettleAsync(0, Messaging.Amqp.Accepted.Instance, last: 1);
        await Task.WhenAll(first, second).Bounded();
    }

    [Fact]
    public async Task StalledSender_ThePeerDoesNotAnswerTheDetach_TheConnectionIsOpenedAgain()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { SenderWithoutCredit = TimeSpan.FromSeconds(8), Reattach = true });
        ISender sender = await server.SenderAsync();
        _ = sender.SendAsync(new Message("1"), BoundedWaits.Stop).AsTask();
        await LookAsync(server, time, times: 5);
        await server.Peer.ReadUntilAsync<Detach>();

        time.Advance(TimeSpan.FromSeconds(10));

        await server.AcceptOpenAsync();
        await server.Peer.AnswerBeginAsync();
        Assert.Equal(sender.Name, (await server.Peer.AnswerAttachAsync()).Name);
    }

    [Fact]
    public async Task StalledSender_ClosedHereWhileItIsDetached_TheConnectionStays()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { SenderWithoutCredit = TimeSpan.FromSeconds(8), Reattach = true });
        ISender sender = await server.SenderAsync();
        using var stop = new CancellationTokenSource();
        Task sending = sender.SendAsync(new Message("1"), stop.Token).AsTask();
        await LookAsync(server, time, times: 5);
        await server.Peer.ReadUntilAsync<Detach>();
        await stop.CancelAsync();
        await sending.ThrowsAny<OperationCanceledException>();

        Task closing = sender.CloseAsync(BoundedWaits.Stop).AsTask();
        await server.FenceAsync();
        await server.Peer.SendAsync(new Detach { Handle = 0 });
        await closing.Bounded();
        await LookAsync(server, time, times: 6);

        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task StalledSender_StillWithoutCreditOnTheNewLink_IsToldAndAttachedAgain()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { SenderWithoutCredit = TimeSpan.FromSeconds(8), Reattach = true });
        int stalls = 0;
        server.Connection.LinkStalled += (_, _) => Interlocked.Increment(ref stalls);
        ISender sender = await server.SenderAsync();
        _ = sender.SendAsync(new Message("1"), BoundedWaits.Stop).AsTask();

        for (int i = 1; i <= 3; i++)
        {
            await LookAsync(server, time, times: 5);
            Detach detach = await server.Peer.ReadUntilAsync<Detach>();
            await server.Peer.SendAsync(new Detach { Handle = detach.Handle });
            await server.Peer.AnswerAttachAsync();
            await BoundedWaits.UntilAsync(() => Volatile.Read(ref stalls) == i && sender.State == LinkState.Attached);
        }
    }

    /// <summary>A drain that the peer has not answered is silence too: the question goes out within it, and neither ends it.</summary>
    [Fact]
    public async Task SilentReceiver_InADrain_IsAskedWithinIt()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { ReceiverSilence = TimeSpan.FromSeconds(8) });
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 0 });
        int stalls = 0;
        server.Connection.LinkStalled += (_, _) => Interlocked.Increment(ref stalls);
        await receiver.AddCreditAsync(10, BoundedWaits.Stop).Bounded();
        await server.Peer.ReadAsync<Flow>();
        Task draining = receiver.DrainAsync(BoundedWaits.Stop).AsTask();
        Assert.True((await server.Peer.ReadAsync<Flow>()).Drain);

        await LookAsync(server, time, times: 5);
        Flow asked = await server.Peer.ReadAsync<Flow>();
        Assert.Equal((true, true, 10u), (asked.Echo, asked.Drain, asked.LinkCredit));
        Assert.False(draining.IsCompleted);

        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 0, OutgoingWindow = 100, Handle = 0, DeliveryCount = 10, LinkCredit = 0, Drain = true });
        await draining.Bounded();
        await LookAsync(server, time, times: 10);
        Assert.Equal(0, Volatile.Read(ref stalls)); // no credit is out: there is nothing to wait for
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SilentReceiver_WithoutReattach_IsToldAndCountedOnceForEachSilence(bool answers)
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { ReceiverSilence = TimeSpan.FromSeconds(8) });
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        var stalls = new ConcurrentQueue<LinkStalledEventArgs>();
        server.Connection.LinkStalled += (_, stall) => stalls.Enqueue(stall);
        var counted = new ConcurrentQueue<string>();
        using MeterListener meters = Count(counted.Enqueue);
        Task<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.Peer.ReadAsync<Flow>();

        for (uint silence = 1; silence <= 2; silence++)
        {
            await LookAsync(server, time, times: silence == 1 ? 5 : 6); // the second one begins with the look that sees the delivery
            Assert.True((await server.Peer.ReadUntilAsync<Flow>()).Echo);
            if (answers)
                await AnswerAsync(server, deliveries: silence - 1);
            await LookAsync(server, time, times: 12);
            await BoundedWaits.UntilAsync(() => stalls.Count == silence);
            await server.Peer.SendTransferAsync(silence - 1, RawPeer.Encode(new Message("at last")), settled: true);
            await receiving.Bounded();
            receiving = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        }

        Assert.Equal(2, stalls.Count);
        Assert.All(stalls, stall => Assert.Equal((receiver, answers), (stall.Link, stall.PeerAnswers)));
        Assert.Equal(2, counted.Count(text => text == "1 messaging.link.role receiver"));
        Assert.Equal(LinkState.Attached, receiver.State);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(TimeSpan.TicksPerMillisecond)]
    public async Task VeryShortLimit_LeavesTheLoopTimeForOthers(long ticks)
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { SenderWithoutCredit = TimeSpan.FromTicks(ticks), ReceiverSilence = TimeSpan.FromTicks(ticks) });

        time.Advance(TimeSpan.FromSeconds(1));

        await server.FenceAsync();
        Assert.Equal(ConnectionState.Connected, server.Connection.State);
    }

    [Fact]
    public async Task StalledLink_IsCounted()
    {
        var time = new FakeTimeProvider();
        await using RawServer server = await OpenAsync(time, new WatchdogOptions { SenderWithoutCredit = TimeSpan.FromSeconds(8) });
        ISender sender = await server.SenderAsync();
        var counted = new TaskCompletionSource<string?>();
        using MeterListener meters = Count(text => counted.TrySetResult(text));
        _ = sender.SendAsync(new Message("x"), BoundedWaits.Stop).AsTask();

        await LookAsync(server, time, times: 6);

        Assert.Equal("1 messaging.link.role sender", await counted.Task.Bounded());
    }

    /// <summary>Listens to what is counted.</summary>
    private static MeterListener Count(Action<string> told)
    {
        var meters = new MeterListener
        {
            InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Messaging", Name: "messaging.link.stalls" })
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<long>((_, value, tags, _) => told($"{value} {tags[0].Key} {tags[0].Value}"));
        meters.Start();
        return meters;
    }

    /// <summary>Lets the watchdog look, which it does every quarter of its time.</summary>
    private static async Task LookAsync(RawServer server, FakeTimeProvider time, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await server.FenceAsync();
            time.Advance(TimeSpan.FromSeconds(2));
            await server.FenceAsync();
        }
    }

    /// <summary>The peer's answer to a question; it asks back, and returns when that was answered: then the client has seen it.</summary>
    private static async Task AnswerAsync(RawServer server, uint deliveries)
    {
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = deliveries, OutgoingWindow = 100, Handle = 0, DeliveryCount = deliveries, LinkCredit = 10, Echo = true });
        await server.Peer.ReadUntilAsync<Flow>();
    }

    private static Task<RawServer> OpenAsync(FakeTimeProvider time, WatchdogOptions watchdog) => RawServer.OpenAsync(
        new ConnectionOptions { IdleTimeout = TimeSpan.Zero, HandshakeTimeout = Timeout.InfiniteTimeSpan, OperationTimeout = Timeout.InfiniteTimeSpan, Watchdog = watchdog },
        new MessagingClientOptions { TimeProvider = time });
}
