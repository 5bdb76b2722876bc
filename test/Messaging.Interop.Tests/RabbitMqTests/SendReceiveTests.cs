using Messaging.Amqp;
using Messaging.Interop.Tests.Peers;

namespace Messaging.Interop.Tests.RabbitMqTests;

/// <summary>Messages to RabbitMQ and back.</summary>
public class SendReceiveTests(RealPeers peers) : RabbitMqTest(peers)
{
    [Fact]
    public async Task SendAsync_TenThousand_ComeBackInOrderPastTheWrapOfSerialNumbers()
    {
        // RabbitMQ begins with next-outgoing-id 0xfffffffc and delivery-count 0xfffffffb: its numbers wrap at the fifth message
        const int Count = 10_000;
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(queue, Limit);
        await using var receiver = await connection.CreateReceiverAsync(queue, Limit);

        var receiving = ReceiveAsync(receiver, Count);
        await SendAllAsync(sender, Enumerable.Range(0, Count).Cast<object?>());

        Assert.Equal(Enumerable.Range(0, Count).Cast<object?>(), (await receiving).Select(m => m.Body));
    }

    [Fact]
    public async Task SendAsync_OneMebibyte_ComesBackWhole()
    {
        var data = Pattern(1024 * 1024);
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(queue, Limit);
        await using var receiver = await connection.CreateReceiverAsync(queue, Limit);

        await sender.SendAsync(new Message(data), Limit);
        var received = await ReceiveAsync(receiver, 1);

        Assert.Equal(data, Assert.IsType<byte[]>(received[0].Body));
    }

    [Fact]
    public async Task SendAsync_LargerThanThePeerTakes_IsRefusedHereAndTheLinkGoesOn()
    {
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(queue, Limit);
        Assert.Equal(16ul * 1024 * 1024, sender.MaxMessageSize);

        await Assert.ThrowsAsync<ArgumentException>(async () => await sender.SendAsync(new Message(new byte[(16 * 1024 * 1024) + 1]), Limit));

        await sender.SendAsync(new Message("fits"), Limit);
    }

    [Fact]
    public async Task SendAsync_EveryTypeAsBody_KeepsTypeAndValue()
    {
        TypeCase[] cases = [.. TypeCases.Simple.Values, .. TypeCases.Compound.Values];
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(queue, Limit);
        await using var receiver = await connection.CreateReceiverAsync(queue, Limit);

        foreach (var value in cases)
            await sender.SendAsync(Message.FromValue(value.Value), Limit);
        var received = await ReceiveAsync(receiver, cases.Length);

        Assert.All(cases.Zip(received), pair => SameValue.Assert(pair.First.Expected, pair.Second.Body));
    }

    [Fact]
    public async Task SendAsync_SeveralBodySectionsAndFooter_AreKept()
    {
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(queue, Limit);
        await using var receiver = await connection.CreateReceiverAsync(queue, Limit);

        var data = Message.FromData(new byte[] { 1 }, new byte[] { 2, 3 });
        data.Footer["x-opt-check"] = 5;
        await sender.SendAsync(data, Limit);
        await sender.SendAsync(Message.FromSequences([new List<object?> { 1 }, new List<object?> { "two" }]), Limit);
        var received = await ReceiveAsync(receiver, 2);

        Assert.Equal([[1], [2, 3]], Assert.IsAssignableFrom<IReadOnlyList<byte[]>>(received[0].Body));
        Assert.Equal(5, received[0].Footer[new Symbol("x-opt-check")]);
        var sequences = Assert.IsAssignableFrom<IReadOnlyList<System.Collections.IList>>(received[1].Body);
        SameValue.Assert(new List<object?> { 1 }, sequences[0]);
        SameValue.Assert(new List<object?> { "two" }, sequences[1]);
    }

    [Fact]
    public async Task CreateSenderAsync_ManyLinksOnOneConnection_AllWork()
    {
        await using var connection = await ConnectAsync();
        var queues = new List<string>();
        for (var i = 0; i < 5; i++)
            queues.Add(await DeclareQueueAsync(connection));

        await Task.WhenAll(queues.SelectMany(queue => Enumerable.Repeat(queue, 4)).Select(async queue =>
        {
            await using var sender = await connection.CreateSenderAsync(queue, Limit);
            await using var receiver = await connection.CreateReceiverAsync(queue, Limit);
            await SendAllAsync(sender, Enumerable.Range(0, 20).Cast<object?>());
            Assert.Equal(20, (await ReceiveAsync(receiver, 20)).Count);
        }));
    }

    [Fact]
    public async Task SendAsync_OnTheAnonymousTerminus_GoesWhereTheMessageSays()
    {
        await using var connection = await ConnectAsync();
        var queue = await DeclareQueueAsync(connection);
        await using var sender = await connection.CreateSenderAsync(Limit);
        await using var receiver = await connection.CreateReceiverAsync(queue, Limit);

        await sender.SendAsync(new Message("relayed") { To = queue }, Limit);
        var received = await ReceiveAsync(receiver, 1);

        Assert.Equal("relayed", received[0].Body);
        await Assert.ThrowsAsync<DeliveryReleasedException>(async () => await sender.SendAsync(new Message("lost") { To = "/queues/nowhere" }, Limit));
        await Assert.ThrowsAsync<DeliveryRejectedException>(async () => await sender.SendAsync(new Message("without to"), Limit));
    }
}
