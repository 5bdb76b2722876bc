using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>The ledger of credit, as the peer sees it (design section 4, "Credit").</summary>
public sealed class CreditTests
{
    [Fact]
    public async Task Attach_NoReceiveCall_GrantsNoCredit()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync();

        await server.FenceAsync();
        ValueTask closing = receiver.CloseAsync(BoundedWaits.Stop);

        // The next frame after the attach is the detach: there was no flow between.
        Detach detach = await server.Peer.ReadAsync<Detach>();
        Assert.True(detach.Closed);
        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true });
        await closing.Bounded();
    }

    [Fact]
    public async Task ReceiveAsync_First_OpensTheWindow()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync();

        ValueTask<IDelivery> receiving = receiver.ReceiveAsync(BoundedWaits.Stop);

        Assert.Equal(100u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        Assert.Equal("x", (await receiving.Bounded()).Message.Body);
    }

    [Fact]
    public async Task TryReceive_First_OpensTheWindowAndReturnsFalse()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 7 });

        bool received = receiver.TryReceive(out IDelivery? delivery);

        Assert.False(received);
        Assert.Null(delivery);
        Assert.Equal(7u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
    }

    [Fact]
    public async Task ReceiveAll_Endless_TopsUpAtHalfTheWindowInOneFlow()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10 });
        await using IAsyncEnumerator<IDelivery> stream = receiver.ReceiveAllAsync(BoundedWaits.Stop).GetAsyncEnumerator(BoundedWaits.Stop);
        ValueTask<bool> next = stream.MoveNextAsync();
        Assert.Equal(10u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);

        for (uint id = 0; id < 5; id++)
        {
            await server.Peer.SendTransferAsync(id, RawPeer.Encode(new Message("x")));
            Assert.True(await next.Bounded());
            next = stream.MoveNextAsync();
        }

        Flow topUp = await server.Peer.ReadUntilAsync<Flow>();
        Assert.Equal(5u, topUp.DeliveryCount);
        Assert.Equal(10u, topUp.LinkCredit);
        await server.Peer.DisposeAsync();
        await next.Throws<MessagingConnectionException, bool>();
    }

    [Theory]
    [InlineData(1, 10, 1)]
    [InlineData(3, 10, 3)]
    [InlineData(30, 10, 10)]
    public async Task ReceiveAll_Count_NeverGrantsMoreThanItWants(int count, int window, uint first)
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = window });
        Task consuming = BoundedWaits.Run(async () =>
        {
            await foreach (IDelivery _ in receiver.ReceiveAllAsync(count, BoundedWaits.Stop))
            {
            }
        });
        uint granted = (await server.Peer.ReadAsync<Flow>()).LinkCredit!.Value;
        Assert.Equal(first, granted);

        uint sent = 0;
        while (sent < count)
        {
            while (sent < granted)
                await server.Peer.SendTransferAsync(sent++, RawPeer.Encode(new Message("x")));
            if (sent == count)
                break;
            Flow flow = await server.Peer.ReadUntilAsync<Flow>();
            granted = flow.DeliveryCount!.Value + flow.LinkCredit!.Value;
            Assert.InRange(granted, sent, (uint)count);
        }

        await consuming.Bounded();
        await server.FenceAsync();
        Task closing = receiver.CloseAsync(BoundedWaits.Stop).AsTask();
        while (await server.Peer.ReadAsync() is { Body: not Detach } frame)
        {
            if (frame.Body is Flow flow)
                Assert.True(flow.LinkCredit is null or 0 || flow.DeliveryCount + flow.LinkCredit <= count, $"granted {flow.DeliveryCount + flow.LinkCredit} of {count}");
        }

        await server.Peer.SendAsync(new Detach { Handle = 0, Closed = true });
        await closing.Bounded();
    }

    [Fact]
    public async Task ReceiveAsync_MoreWaitingThanTheWindow_GrantsForEachOfThem()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 1 });

        Task<IDelivery>[] waiting = [.. Enumerable.Range(0, 5).Select(_ => receiver.ReceiveAsync(BoundedWaits.Stop).AsTask())];

        uint credit = 0;
        while (credit < 5)
            credit = (await server.Peer.ReadAsync<Flow>()).LinkCredit!.Value;
        Assert.Equal(5u, credit);
        for (uint id = 0; id < 5; id++)
            await server.Peer.SendTransferAsync(id, RawPeer.Encode(new Message("x")));
        await Task.WhenAll(waiting).Bounded();
    }

    [Fact]
    public async Task ReceiveAll_Ended_DrainsAndReleasesTheSurplus()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 4 });
        IAsyncEnumerator<IDelivery> stream = receiver.ReceiveAllAsync(BoundedWaits.Stop).GetAsyncEnumerator(BoundedWaits.Stop);
        ValueTask<bool> next = stream.MoveNextAsync();
        await server.Peer.ReadAsync<Flow>();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        Assert.True(await next.Bounded());
        await stream.Current.AcceptAsync(BoundedWaits.Stop);

        await stream.DisposeAsync().Bounded();

        Flow drain = await server.Peer.ReadUntilAsync<Flow>();
        Assert.True(drain.Drain);
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("late")));
        await server.Peer.SendAsync(new Flow { NextIncomingId = 0, IncomingWindow = 100, NextOutgoingId = 2, OutgoingWindow = 100, Handle = 0, DeliveryCount = 4, LinkCredit = 0, Drain = true });
        Disposition released = await server.Peer.ReadUntilAsync<Disposition>();
        if (released.First == 0)
            released = await server.Peer.ReadUntilAsync<Disposition>();
        Assert.Equal(1u, released.First);
        Assert.Same(Released.Instance, released.State);
    }

    [Fact]
    public async Task ReceiveAll_EndedWithAnotherReading_LeavesItsSurplus()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 4 });
        await using IAsyncEnumerator<IDelivery> stays = receiver.ReceiveAllAsync(BoundedWaits.Stop).GetAsyncEnumerator(BoundedWaits.Stop);
        ValueTask<bool> waiting = stays.MoveNextAsync();
        await server.Peer.ReadAsync<Flow>();
        using var stop = new CancellationTokenSource();
        ValueTask<bool> ending = receiver.ReceiveAllAsync(stop.Token).GetAsyncEnumerator(BoundedWaits.Stop).MoveNextAsync();

        await stop.CancelAsync();
        await ending.Throws<OperationCanceledException, bool>();
        await server.FenceAsync();
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));

        Assert.True(await waiting.Bounded());
    }

    [Fact]
    public async Task MaxUnsettled_PresettledDeliveries_DoNotCount()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10, MaxUnsettled = 2 });
        Task consuming = BoundedWaits.Run(async () =>
        {
            await foreach (IDelivery _ in receiver.ReceiveAllAsync(20, BoundedWaits.Stop))
            {
            }
        });

        uint granted = 0;
        for (uint id = 0; id < 20; id++)
        {
            while (granted <= id)
            {
                Flow flow = await server.Peer.ReadUntilAsync<Flow>();
                granted = (flow.DeliveryCount ?? 0) + flow.LinkCredit!.Value;
            }

            await server.Peer.SendTransferAsync(id, RawPeer.Encode(new Message("x")), settled: true);
        }

        await consuming.Bounded();
    }

    [Fact]
    public async Task MaxUnsettled_HeldDeliveries_StopTheCreditUntilOneIsSettled()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 10, MaxUnsettled = 2 });
        Task<IDelivery> first = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        Assert.Equal(2u, (await server.Peer.ReadAsync<Flow>()).LinkCredit);
        await server.Peer.SendTransferAsync(0, RawPeer.Encode(new Message("x")));
        await server.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("x")));
        IDelivery held = await first.Bounded();
        await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        Task<IDelivery> third = receiver.ReceiveAsync(BoundedWaits.Stop).AsTask();
        await server.FenceAsync();

        await held.AcceptAsync(BoundedWaits.Stop);

        RawFrame? frame = await server.Peer.ReadAsync();
        bool isFlow = frame!.Body is Flow;
        Flow flow = isFlow ? (Flow)frame.Body! : await server.Peer.ReadAsync<Flow>();
        Assert.Equal((2u, 1u), (flow.DeliveryCount!.Value, flow.LinkCredit!.Value));
        await server.Peer.SendTransferAsync(2, RawPeer.Encode(new Message("x")));
        await third.Bounded();
    }

    [Fact]
    public async Task Receive_CancelledBeyondTheWindow_TakesItsCreditBack()
    {
        await using RawServer server = await RawServer.OpenAsync();
        IReceiver receiver = await server.ReceiverAsync(new ReceiverOptions { CreditWindow = 2 });
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        Task<IDelivery>[] receiving = [.. Enumerable.Range(0, 5).Select(_ => receiver.ReceiveAsync(cancellation.Token).AsTask())];
        while ((await server.Peer.ReadUntilAsync<Flow>()).LinkCredit < 5)
        {
        }

        await cancellation.CancelAsync();
        foreach (Task<IDelivery> call in receiving)
            await call.ThrowsAny<OperationCanceledException>();

        while ((await server.Peer.ReadUntilAsync<Flow>()).LinkCredit > 2)
        {
        }

        // What was on its way on the credit that was taken back is still taken.
        for (uint id = 0; id < 5; id++)
            await server.Peer.SendTransferAsync(id, RawPeer.Encode(new Message((int)id)));
        for (int i = 0; i < 5; i++)
            Assert.Equal(i, (await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded()).Message.Body);
    }
}
