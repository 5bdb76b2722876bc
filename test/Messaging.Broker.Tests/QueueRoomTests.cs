using Messaging.Broker.Queues;
using NSubstitute;

namespace Messaging.Broker.Tests;

public sealed class QueueRoomTests
{
    [Fact]
    public async Task Enter_WhenFull_WaitsInTurn()
    {
        var room = new QueueRoom(capacity: 2, capacityBytes: 1000);
        Assert.True(await room.EnterAsync(10, BrokerFixture.Token));
        Assert.True(await room.EnterAsync(10, BrokerFixture.Token));
        Task<bool> third = room.EnterAsync(10, BrokerFixture.Token).AsTask();
        Task<bool> fourth = room.EnterAsync(10, BrokerFixture.Token).AsTask();

        room.Leave(1, 10);

        Assert.True(await third.Bounded());
        Assert.False(fourth.IsCompleted);
        Assert.Equal(2, room.Count);
        room.Leave(2, 20);
        Assert.True(await fourth.Bounded());
        Assert.Equal(1, room.Count);
    }

    [Fact]
    public async Task Enter_BeyondTheBytes_Waits_AndOneLargeMessageIsStillTaken()
    {
        var room = new QueueRoom(capacity: 100, capacityBytes: 1000);
        Assert.True(await room.EnterAsync(5000, BrokerFixture.Token));
        Task<bool> second = room.EnterAsync(1, BrokerFixture.Token).AsTask();
        Assert.False(second.IsCompleted);

        room.Leave(1, 5000);

        Assert.True(await second.Bounded());
    }

    [Fact]
    public async Task Enter_Cancelled_LeavesItsPlaceToTheNext()
    {
        var room = new QueueRoom(capacity: 1, capacityBytes: 1000);
        Assert.True(await room.EnterAsync(10, BrokerFixture.Token));
        using var cancellation = new CancellationTokenSource();
        Task<bool> second = room.EnterAsync(10, cancellation.Token).AsTask();
        Task<bool> third = room.EnterAsync(10, BrokerFixture.Token).AsTask();

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second.Bounded());
        room.Leave(1, 10);

        Assert.True(await third.Bounded());
        Assert.Equal(1, room.Count);
    }

    [Fact]
    public async Task Close_TurnsAwayWhoWaits()
    {
        var room = new QueueRoom(capacity: 1, capacityBytes: 1000);
        Assert.True(await room.EnterAsync(10, BrokerFixture.Token));
        Task<bool> second = room.EnterAsync(10, BrokerFixture.Token).AsTask();

        room.Close();

        Assert.False(await second.Bounded());
        Assert.False(await room.EnterAsync(10, BrokerFixture.Token));
    }

    /// <summary>What its sender has settled waits without it: not more of that than the queue may hold.</summary>
    [Fact]
    public async Task EnterSettled_BeyondWhatTheQueueMayHold_IsNotTaken()
    {
        var room = new QueueRoom(capacity: 3, capacityBytes: 1000);
        Assert.True(room.TryEnterSettled(1000, BrokerFixture.Token, out ValueTask<bool> inside));
        Assert.True(await inside);

        Assert.True(room.TryEnterSettled(5000, BrokerFixture.Token, out ValueTask<bool> alone)); // one of any size
        Assert.False(room.TryEnterSettled(1, BrokerFixture.Token, out _));
        room.Leave(1, 1000);
        Assert.True(await alone.AsTask().Bounded());
        Assert.True(room.TryEnterSettled(400, BrokerFixture.Token, out _));
        Assert.True(room.TryEnterSettled(400, BrokerFixture.Token, out _));
        Assert.False(room.TryEnterSettled(400, BrokerFixture.Token, out _));
        Assert.True(room.TryEnterSettled(4, BrokerFixture.Token, out _));
        Assert.False(room.TryEnterSettled(4, BrokerFixture.Token, out _)); // three
    }

    /// <summary>Producers come and go while a queue is full.</summary>
    [Fact]
    public async Task Close_OfALineThatWantsCredit_IsNotKept()
    {
        var room = new QueueRoom(capacity: 1, capacityBytes: 1000);
        Assert.True(await room.EnterAsync(10, BrokerFixture.Token));
        var line = new CreditLine(Substitute.For<IReceiver>(), maxMessageSize: 10);
        room.Open(line);
        Assert.NotNull(line.Place.List);

        room.Close(line);

        Assert.Null(line.Place.List);
    }

    [Fact]
    public async Task Enter_Cancelled_IsNotKept()
    {
        var room = new QueueRoom(capacity: 1, capacityBytes: 1000);
        Assert.True(await room.EnterAsync(10, BrokerFixture.Token));
        using var cancellation = new CancellationTokenSource();
        Task<bool>[] waiting = [.. Enumerable.Range(0, 100).Select(_ => room.EnterAsync(10, cancellation.Token).AsTask())];
        Assert.Equal(100, room.Waiting);

        await cancellation.CancelAsync();
        foreach (Task<bool> waiter in waiting)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter.Bounded());

        Assert.Equal(0, room.Waiting);
    }
}
