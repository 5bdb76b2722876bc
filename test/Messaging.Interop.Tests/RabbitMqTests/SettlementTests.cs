using Messaging.Amqp;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.RabbitMqTests;

/// <summary>Outcomes and credit with RabbitMQ.</summary>
public class SettlementTests(RealPeers peers) : RabbitMqTest(peers)
{
    [Fact]
    public async Task AcceptAsync_Delivery_TakesItFromTheQueue()
    {
        await using var connection = await ConnectAsync();
        var (queue, receiver) = await QueueWithAsync(connection, "classic", "one", "two");

        using (var delivery = await receiver.ReceiveAsync(Limit))
            await delivery.AcceptAsync(Limit);
        await receiver.CloseAsync(Limit);

        Assert.Equal(["two"], await RemainingAsync(connection, queue, 1));
    }

    [Fact]
    public async Task ReleaseAsync_Delivery_BringsItBackMarkedAsNotFirst()
    {
        await using var connection = await ConnectAsync();
        var (_, receiver) = await QueueWithAsync(connection, "classic", "one");

        using (var first = await receiver.ReceiveAsync(Limit))
        {
            Assert.True(first.Message.FirstAcquirer);
            await first.ReleaseAsync(Limit);
        }

        using var again = await receiver.ReceiveAsync(Limit);
        Assert.Equal("one", again.Message.Body);
        Assert.False(again.Message.FirstAcquirer);
        await again.AcceptAsync(Limit);
    }

    [Fact]
    public async Task RejectAsync_Delivery_TakesItFromTheQueue()
    {
        await using var connection = await ConnectAsync();
        var (queue, receiver) = await QueueWithAsync(connection, "classic", "bad", "good");

        using (var delivery = await receiver.ReceiveAsync(Limit))
            await delivery.RejectAsync(new AmqpError("example:bad", "not what we wanted"), Limit);
        await receiver.CloseAsync(Limit);

        Assert.Equal(["good"], await RemainingAsync(connection, queue, 1));
    }

    [Fact]
    public async Task ModifyAsync_DeliveryFailed_RaisesTheDeliveryCountOnAQuorumQueue()
    {
        await using var connection = await ConnectAsync();
        var (_, receiver) = await QueueWithAsync(connection, "quorum", "one");

        using (var first = await receiver.ReceiveAsync(Limit))
        {
            Assert.Equal(0u, first.Message.DeliveryCount);
            await first.ModifyAsync(deliveryFailed: true, undeliverableHere: false, Limit);
        }

        using var again = await receiver.ReceiveAsync(Limit);
        Assert.Equal("one", again.Message.Body);
        Assert.Equal(1u, again.Message.DeliveryCount);
        await again.AcceptAsync(Limit);
    }

    [Fact]
    public async Task ModifyAsync_WithAnnotations_KeepsThemOnAQuorumQueue()
    {
        await using var connection = await ConnectAsync();
        var (_, receiver) = await QueueWithAsync(connection, "quorum", "one");

        using (var first = await receiver.ReceiveAsync(Limit))
            await first.ModifyAsync(new Modified { DeliveryFailed = true, MessageAnnotations = new Dictionary<Symbol, object?> { ["x-opt-why"] = "busy" } }, Limit);

        using var again = await receiver.ReceiveAsync(Limit);
        Assert.Equal("busy", again.Message.MessageAnnotations[new Symbol("x-opt-why")]);
        await again.AcceptAsync(Limit);
    }

    [Fact]
    public async Task AddCreditAsync_Three_BringsThreeAndNoMore()
    {
        await using var connection = await ConnectAsync();
        var queue = await FilledQueueAsync(connection, "classic", "1", "2", "3", "4", "5");
        await using var receiver = await connection.CreateReceiverAsync(queue, new ReceiverOptions { CreditWindow = 0 }, Limit);

        await receiver.AddCreditAsync(3, Limit);
        List<object?> bodies = [];
        for (var i = 0; i < 3; i++)
        {
            using var delivery = await receiver.ReceiveAsync(Limit);
            bodies.Add(delivery.Message.Body);
            await delivery.AcceptAsync(Limit);
        }

        // the answer to a drain comes after everything that the credit had asked for
        await receiver.DrainAsync(Limit);
        Assert.False(receiver.TryReceive(out _));
        Assert.Equal(["1", "2", "3"], bodies);
    }

    [Fact]
    public async Task DrainAsync_MoreCreditThanMessages_GivesTheRestBack()
    {
        await using var connection = await ConnectAsync();
        var queue = await FilledQueueAsync(connection, "classic", "1", "2");
        await using var receiver = await connection.CreateReceiverAsync(queue, new ReceiverOptions { CreditWindow = 0 }, Limit);

        await receiver.AddCreditAsync(10, Limit);
        await receiver.DrainAsync(Limit);

        Assert.True(receiver.TryReceive(out var first));
        Assert.True(receiver.TryReceive(out var second));
        Assert.False(receiver.TryReceive(out _));
        Assert.Equal(("1", "2"), (first.Message.Body, second.Message.Body));
        await first.AcceptAsync(Limit);
        await second.AcceptAsync(Limit);
    }

    [Fact]
    public async Task SendTrackedAsync_Settled_IsAcceptedWithoutAnAnswer()
    {
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(queue, new SenderOptions { SettleMode = SenderSettleMode.Settled }, Limit);

        var delivery = await sender.SendTrackedAsync(new Message("fire and forget"), Limit);

        Assert.IsType<Accepted>(await delivery.Outcome.WaitAsync(Limit));
        Assert.Equal(["fire and forget"], await RemainingAsync(connection, queue, 1));
    }

    [Fact]
    public async Task ReceiveAllAsync_BrokenOff_BringsTheDeliveryBackForOthers()
    {
        await using var connection = await ConnectAsync();
        var (queue, receiver) = await QueueWithAsync(connection, "classic", "one");

        await foreach (var delivery in receiver.ReceiveAllAsync(Limit))
        {
            Assert.Equal("one", delivery.Message.Body);
            break;
        }

        await receiver.CloseAsync(Limit);
        Assert.Equal(["one"], await RemainingAsync(connection, queue, 1));
    }

    private async Task<(string Queue, IReceiver Receiver)> QueueWithAsync(IConnection connection, string type, params string[] bodies)
    {
        var queue = await FilledQueueAsync(connection, type, bodies);
        return (queue, await connection.CreateReceiverAsync(queue, Limit));
    }

    private async Task<string> FilledQueueAsync(IConnection connection, string type, params string[] bodies)
    {
        var queue = await DeclareQueueAsync(connection, type);
        await using var sender = await connection.CreateSenderAsync(queue, Limit);
        await SendAllAsync(sender, bodies);
        return queue;
    }

    private async Task<IEnumerable<object?>> RemainingAsync(IConnection connection, string queue, int count)
    {
        await using var receiver = await connection.CreateReceiverAsync(queue, Limit);
        return (await ReceiveAsync(receiver, count)).Select(m => m.Body);
    }
}
