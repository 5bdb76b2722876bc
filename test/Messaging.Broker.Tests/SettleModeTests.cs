using Messaging.Amqp;

namespace Messaging.Broker.Tests;

public sealed class SettleModeTests
{
    [Fact]
    public async Task ReceiverThatAsksForSettled_GetsSettled_AndTheQueueForgets()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b");

        await using IReceiver receiver = await connection.CreateReceiverAsync(
            new ReceiverOptions { Source = new Source { Address = "q" }, SenderSettleMode = SenderSettleMode.Settled }, BrokerFixture.Token);
        IDelivery[] taken = [await BrokerFixture.ReceiveAsync(receiver), await BrokerFixture.ReceiveAsync(receiver)];

        Assert.Equal(["a", "b"], taken.Select(delivery => delivery.Message.Body));
        Assert.All(taken, delivery => Assert.True(delivery.Settled));
        await fixture.WaitForDepthAsync("q", 0);
    }

    [Fact]
    public async Task PresettledSend_IsTakenWithoutAnOutcome()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync(
            new SenderOptions { Target = new Target { Address = "q" }, SettleMode = SenderSettleMode.Settled }, BrokerFixture.Token);

        await sender.SendAsync(new Message("a"), BrokerFixture.Token);

        await fixture.WaitForDepthAsync("q", 1);
    }

    [Fact]
    public async Task ReceiverSettleModeSecond_BothWays_SettlesInTurn()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync(
            new SenderOptions { Target = new Target { Address = "q" }, ReceiverSettleMode = ReceiverSettleMode.Second }, BrokerFixture.Token);
        await using IReceiver receiver = await connection.CreateReceiverAsync(
            new ReceiverOptions { Source = new Source { Address = "q" }, SettleMode = ReceiverSettleMode.Second }, BrokerFixture.Token);
        const int Count = 3000;

        Task sending = sender.SendBatchAsync(Enumerable.Range(0, Count).Select(i => new Message(i)), BrokerFixture.Token).AsTask();
        for (int i = 0; i < Count; i++)
        {
            IDelivery delivery = await BrokerFixture.ReceiveAsync(receiver);
            Assert.Equal(i, delivery.Message.Body);
            await delivery.AcceptAsync(BrokerFixture.Token).AsTask().Bounded();
        }

        await sending.Bounded();
        await fixture.WaitForDepthAsync("q", 0);
    }

    [Fact]
    public async Task LinkClosedWithSettledDeliveriesOnTheWay_DoesNotGiveThemTwice()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        const int Count = 300;
        await BrokerFixture.SendAsync(connection, "q", [.. Enumerable.Range(0, Count).Select(i => $"{i}")]);
        List<string> taken = [];
        while (taken.Count < Count)
        {
            await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(Math.Min(7, Count - taken.Count), BrokerFixture.Token))
                taken.Add((string)delivery.Message.Body!);
        }

        Assert.Equal(Count, taken.Distinct(StringComparer.Ordinal).Count());
        await fixture.WaitForDepthAsync("q", 0);
    }
}
