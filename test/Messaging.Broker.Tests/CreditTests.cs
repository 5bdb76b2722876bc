namespace Messaging.Broker.Tests;

public sealed class CreditTests
{
    [Fact]
    public async Task Credit_IsHonouredExactly()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", [.. Enumerable.Range(0, 10).Select(i => $"{i}")]);
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        await receiver.AddCreditAsync(3, BrokerFixture.Token);
        List<IDelivery> taken = [];
        await Until.TrueAsync(
            () =>
            {
                while (receiver.TryReceive(out IDelivery? delivery))
                    taken.Add(delivery);
                return taken.Count >= 3;
            },
            () => $"{taken.Count} messages came on a credit of 3");
        await receiver.DrainAsync(BrokerFixture.Token);

        Assert.False(receiver.TryReceive(out _));
        Assert.Equal(["0", "1", "2"], taken.Select(delivery => delivery.Message.Body));
    }

    [Fact]
    public async Task Drain_OfAnEmptyQueue_IsAnsweredAtOnce_AndLaterCreditWorks()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        Assert.Empty(await BrokerFixture.DrainAsync(receiver, 5));
        Assert.Empty(await BrokerFixture.DrainAsync(receiver, 5));
        await BrokerFixture.SendAsync(connection, "q", "a", "b");
        List<IDelivery> taken = await BrokerFixture.DrainAsync(receiver, 5);

        Assert.Equal(["a", "b"], taken.Select(delivery => delivery.Message.Body));
    }

    [Fact]
    public async Task Drain_OfAWaitingReceiver_GivesTheCreditBack()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        await receiver.AddCreditAsync(5, BrokerFixture.Token);
        await BrokerFixture.SendAsync(connection, "q", "a");
        IDelivery? first = null;
        await Until.TrueAsync(() => receiver.TryReceive(out first), () => "no message came");

        await receiver.DrainAsync(BrokerFixture.Token).AsTask().Bounded();
        await BrokerFixture.SendAsync(connection, "q", "b");
        await using IReceiver other = await connection.CreateReceiverAsync("q", BrokerFixture.Token);

        Assert.Equal("a", first!.Message.Body);
        Assert.Equal("b", (await BrokerFixture.ReceiveAsync(other)).Message.Body);
        Assert.False(receiver.TryReceive(out _));
    }

    [Fact]
    public async Task Drain_ManyTimes_LosesNothing()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        const int Count = 500;
        Task sending = Task.Run(
            async () =>
            {
                for (int i = 0; i < Count; i++)
                    await sender.SendAsync(new Message(i), BrokerFixture.Token);
            },
            BrokerFixture.Token);

        List<int> taken = [];
        while (taken.Count < Count)
        {
            foreach (IDelivery delivery in await BrokerFixture.DrainAsync(receiver, 7))
            {
                taken.Add((int)delivery.Message.Body!);
                await delivery.AcceptAsync(BrokerFixture.Token);
            }
        }

        await sending.Bounded();
        Assert.Equal(Enumerable.Range(0, Count), taken);
    }

    [Fact]
    public async Task CompetingReceivers_TakeTurns_AsFarAsEachHasCredit()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        IReceiver[] receivers = [await BrokerFixture.ManualAsync(connection, "q"), await BrokerFixture.ManualAsync(connection, "q"), await BrokerFixture.ManualAsync(connection, "q")];
        int[] credits = [20, 2, 20];
        for (int i = 0; i < receivers.Length; i++)
            await receivers[i].AddCreditAsync(credits[i], BrokerFixture.Token);

        await BrokerFixture.SendAsync(connection, "q", [.. Enumerable.Range(0, 12).Select(i => $"{i}")]);
        int[] taken = new int[3];
        await Until.TrueAsync(
            () =>
            {
                for (int i = 0; i < receivers.Length; i++)
                {
                    while (receivers[i].TryReceive(out _))
                        taken[i]++;
                }

                return taken.Sum() == 12;
            },
            () => $"{taken.Sum()} of 12 messages came");

        Assert.Equal([5, 2, 5], taken);
    }

    [Fact]
    public async Task SlowReceiver_KeepsOnlyWhatItAskedFor_AndTheFastOneGetsTheRest()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver slow = await connection.CreateReceiverAsync(
            new ReceiverOptions { Source = new() { Address = "q" }, CreditWindow = 5 }, BrokerFixture.Token);
        await using IReceiver fast = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        IAsyncEnumerator<IDelivery> slowStream = slow.ReceiveAllAsync(BrokerFixture.Token).GetAsyncEnumerator(BrokerFixture.Token);
        Task<bool> slowNext = slowStream.MoveNextAsync().AsTask();
        const int Count = 2000;

        Task<int> fastCount = Task.Run(
            async () =>
            {
                int count = 0;
                await foreach (IDelivery delivery in fast.ReceiveAllAsync(Count - 6, BrokerFixture.Token))
                    count++;
                return count;
            },
            BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await sender.SendBatchAsync(Enumerable.Range(0, Count).Select(i => new Message(i)), BrokerFixture.Token).AsTask().Bounded();

        // One in hand and at most five ahead: the slow one holds six, everything else goes to the fast one.
        Assert.True(await slowNext.Bounded());
        Assert.Equal(Count - 6, await fastCount.Bounded());
        await slowStream.DisposeAsync();
    }
}
