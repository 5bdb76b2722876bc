using Messaging.Amqp;
using Messaging.Testing.Proxy;

namespace Messaging.Broker.Tests;

public sealed class OutcomeTests
{
    [Fact]
    public async Task Accept_RemovesTheMessage()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b");
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        foreach (IDelivery delivery in await BrokerFixture.DrainAsync(receiver, 1))
            await delivery.AcceptAsync(BrokerFixture.Token);

        await fixture.WaitForDepthAsync("q", 1);
        Assert.Equal(["b"], await DrainBodiesAsync(receiver));
    }

    [Fact]
    public async Task Reject_RemovesTheMessage()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a");
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        foreach (IDelivery delivery in await BrokerFixture.DrainAsync(receiver, 1))
            await delivery.RejectAsync(new AmqpError("test:bad", "no good"), BrokerFixture.Token);

        await fixture.WaitForDepthAsync("q", 0);
    }

    /// <summary>A log whose disk is full.</summary>
    [Fact]
    public async Task Reject_LoggerThrows_QueueGoesOn()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.LoggerFactory = new FaultyLogger());
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b");
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        foreach (IDelivery delivery in await BrokerFixture.DrainAsync(receiver, 2))
            await delivery.RejectAsync(cancellationToken: BrokerFixture.Token);

        await fixture.WaitForDepthAsync("q", 0);
    }

    [Fact]
    public async Task Release_PutsTheMessageBackAtItsPlace_Unchanged()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b", "c", "d");
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        List<IDelivery> first = await BrokerFixture.DrainAsync(receiver, 3);
        bool[] firstAcquirers = [.. first.Select(delivery => delivery.Message.FirstAcquirer)];
        await first[2].ReleaseAsync(BrokerFixture.Token);
        await first[0].ReleaseAsync(BrokerFixture.Token);
        await first[1].ReleaseAsync(BrokerFixture.Token);
        List<IDelivery> again = await BrokerFixture.DrainAsync(receiver, 10);

        Assert.Equal(["a", "b", "c", "d"], again.Select(delivery => delivery.Message.Body));
        Assert.All(again, delivery => Assert.Equal(0u, delivery.Message.DeliveryCount));
        Assert.Equal([true, true, true], firstAcquirers);
        Assert.Equal([false, false, false, true], again.Select(delivery => delivery.Message.FirstAcquirer));
    }

    [Fact]
    public async Task Modify_DeliveryFailed_RaisesTheDeliveryCount()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a");
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        for (uint count = 0; count < 3; count++)
        {
            IDelivery delivery = Assert.Single(await BrokerFixture.DrainAsync(receiver, 5));
            Assert.Equal(count, delivery.Message.DeliveryCount);
            await delivery.ModifyAsync(deliveryFailed: true, undeliverableHere: false, BrokerFixture.Token);
        }
    }

    [Fact]
    public async Task Modify_WithAnnotations_MergesThem()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        var message = new Message("a");
        message.MessageAnnotations["x-opt-kept"] = 1;
        message.MessageAnnotations["x-opt-changed"] = "old";
        await sender.SendAsync(message, BrokerFixture.Token);
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");

        IDelivery delivery = Assert.Single(await BrokerFixture.DrainAsync(receiver, 1));
        await delivery.ModifyAsync(
            new Modified { MessageAnnotations = new Dictionary<Symbol, object?> { ["x-opt-changed"] = "new", ["x-opt-added"] = 2L } }, BrokerFixture.Token);
        delivery = Assert.Single(await BrokerFixture.DrainAsync(receiver, 1));

        Assert.Equal(0u, delivery.Message.DeliveryCount);
        Assert.Equal(1, delivery.Message.MessageAnnotations["x-opt-kept"]);
        Assert.Equal("new", delivery.Message.MessageAnnotations["x-opt-changed"]);
        Assert.Equal(2L, delivery.Message.MessageAnnotations["x-opt-added"]);
    }

    [Fact]
    public async Task Modify_UndeliverableHere_GivesTheMessageToAnotherLinkOnly()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b");
        await using IReceiver refusing = await BrokerFixture.ManualAsync(connection, "q");
        IDelivery delivery = Assert.Single(await BrokerFixture.DrainAsync(refusing, 1));
        await delivery.ModifyAsync(deliveryFailed: false, undeliverableHere: true, BrokerFixture.Token);

        List<object?> here = await DrainBodiesAsync(refusing);
        await using IReceiver other = await BrokerFixture.ManualAsync(connection, "q");
        List<object?> there = await DrainBodiesAsync(other);

        Assert.Equal(["b"], here);
        Assert.Equal(["a"], there);
    }

    [Fact]
    public async Task CloseOfTheLink_PutsUnsettledMessagesBackInOrder_Unchanged()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b", "c", "d");
        await using (IReceiver leaving = await BrokerFixture.ManualAsync(connection, "q"))
        {
            List<IDelivery> taken = await BrokerFixture.DrainAsync(leaving, 3);
            await taken[1].AcceptAsync(BrokerFixture.Token);
        }

        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        await fixture.WaitForDepthAsync("q", 3);
        List<IDelivery> again = await BrokerFixture.DrainAsync(receiver, 10);

        Assert.Equal(["a", "c", "d"], again.Select(delivery => delivery.Message.Body));
        Assert.All(again, delivery => Assert.Equal(0u, delivery.Message.DeliveryCount));
    }

    [Fact]
    public async Task LossOfTheConnection_PutsUnsettledMessagesBackInOrder_WithARaisedCount()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using var proxy = new FaultProxy(fixture.Broker.Url);
        IConnection lost = await fixture.Client.ConnectAsync(proxy.Url, BrokerFixture.Token);
        await BrokerFixture.SendAsync(lost, "q", "a", "b", "c");
        IReceiver leaving = await BrokerFixture.ManualAsync(lost, "q");
        List<IDelivery> taken = await BrokerFixture.DrainAsync(leaving, 2);
        Assert.Equal(2, taken.Count);

        proxy.DropAll();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        IDelivery[] again = [await BrokerFixture.ReceiveAsync(receiver), await BrokerFixture.ReceiveAsync(receiver), await BrokerFixture.ReceiveAsync(receiver)];

        Assert.Equal(["a:1", "b:1", "c:0"], again.Select(delivery => $"{delivery.Message.Body}:{delivery.Message.DeliveryCount}").Order(StringComparer.Ordinal), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Break_OfAStream_ReleasesThePrefetchedAndCountsOnlyTheOneInHand()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "q", "a", "b", "c");
        await using (IReceiver leaving = await connection.CreateReceiverAsync("q", BrokerFixture.Token))
        {
            await foreach (IDelivery delivery in leaving.ReceiveAllAsync(BrokerFixture.Token))
                break;
        }

        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        List<IDelivery> again = await BrokerFixture.DrainAsync(receiver, 10);

        Assert.Equal(["a:1", "b:0", "c:0"], again.Select(delivery => $"{delivery.Message.Body}:{delivery.Message.DeliveryCount}"), StringComparer.Ordinal);
    }

    private static async Task<List<object?>> DrainBodiesAsync(IReceiver receiver)
    {
        List<object?> bodies = [];
        foreach (IDelivery delivery in await BrokerFixture.DrainAsync(receiver, 10))
            bodies.Add(delivery.Message.Body);
        return bodies;
    }

    [Fact]
    public async Task Modify_UndeliverableHere_BeyondTheLimit_WaitsUntilOthersHaveTakenSome()
    {
        const int Count = Queues.Refuser.Limit;
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await sender.SendBatchAsync(Enumerable.Range(0, Count + 10).Select(i => new Message(i)), BrokerFixture.Token).AsTask().Bounded();
        await using IReceiver refusing = await BrokerFixture.ManualAsync(connection, "q");
        foreach (IDelivery delivery in await BrokerFixture.DrainAsync(refusing, Count))
            await delivery.ModifyAsync(deliveryFailed: false, undeliverableHere: true, BrokerFixture.Token);

        Assert.Empty(await BrokerFixture.DrainAsync(refusing, 5));
        await refusing.AddCreditAsync(5, BrokerFixture.Token);
        await using IReceiver other = await BrokerFixture.ManualAsync(connection, "q");
        IDelivery taken = Assert.Single(await BrokerFixture.DrainAsync(other, 1));
        await taken.AcceptAsync(BrokerFixture.Token);

        IDelivery next = await BrokerFixture.ReceiveAsync(refusing);
        Assert.Equal(0, taken.Message.Body);
        Assert.Equal(Count, next.Message.Body);
    }
}
