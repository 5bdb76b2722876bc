using Messaging.Amqp;
using Messaging.Broker;
using Lite = global::Amqp;

namespace Messaging.Interop.Tests.LiteTests;

/// <summary>AMQPNetLite as a client of our broker.</summary>
public class BrokerTests : InteropTest
{
    private const string Address = "examples";

    [Fact]
    public async Task SendAsync_Hundred_ComeBackInOrder()
    {
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var client = await LiteClient.ConnectAsync(broker.Url);
        var sender = client.Sender(Address);
        var receiver = client.Receiver(Address);

        for (var i = 0; i < 100; i++)
            await sender.SendAsync(new Lite.Message(i));

        Assert.Equal(Enumerable.Range(0, 100).Cast<object>(), await LiteClient.ReceiveBodiesAsync(receiver, 100));
    }

    [Fact]
    public async Task SendAsync_OneMebibyte_ComesBackWhole()
    {
        var data = Pattern(1024 * 1024);
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var client = await LiteClient.ConnectAsync(broker.Url);
        var sender = client.Sender(Address);
        var receiver = client.Receiver(Address);

        await sender.SendAsync(new Lite.Message { BodySection = new Lite.Framing.Data { Binary = data } });

        Assert.Equal(data, (await LiteClient.ReceiveBodiesAsync(receiver, 1))[0]);
    }

    [Fact]
    public async Task Release_Delivery_BringsItBack()
    {
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var client = await LiteClient.ConnectAsync(broker.Url);
        var receiver = client.Receiver(Address);
        await client.Sender(Address).SendAsync(new Lite.Message("one"));

        receiver.Release(await LiteClient.ReceiveAsync(receiver));
        var again = await LiteClient.ReceiveAsync(receiver);
        receiver.Accept(again);

        Assert.Equal("one", again.Body);
        Assert.Equal(0u, again.Header?.DeliveryCount ?? 0);
    }

    [Fact]
    public async Task Modify_DeliveryFailed_BringsItBackWithACount()
    {
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var client = await LiteClient.ConnectAsync(broker.Url);
        var receiver = client.Receiver(Address);
        await client.Sender(Address).SendAsync(new Lite.Message("one"));

        receiver.Modify(await LiteClient.ReceiveAsync(receiver), deliveryFailed: true);
        var again = await LiteClient.ReceiveAsync(receiver);
        receiver.Accept(again);

        Assert.Equal("one", again.Body);
        Assert.Equal(1u, again.Header.DeliveryCount);
    }

    [Fact]
    public async Task Reject_Delivery_TakesItFromTheQueue()
    {
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var client = await LiteClient.ConnectAsync(broker.Url);
        var sender = client.Sender(Address);
        var receiver = client.Receiver(Address);
        await sender.SendAsync(new Lite.Message("bad"));
        await sender.SendAsync(new Lite.Message("good"));

        receiver.Reject(await LiteClient.ReceiveAsync(receiver));
        var bodies = await LiteClient.ReceiveBodiesAsync(receiver, 1);
        await receiver.CloseAsync();

        Assert.Equal(["good"], bodies);
        await Testing.BoundedWaits.UntilAsync(() => broker.GetQueueDepth(Address) == 0); // a rejected message that came back would stay
    }

    [Fact]
    public async Task SenderLink_SeveralLinksAndSessions_AllWork()
    {
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var client = await LiteClient.ConnectAsync(broker.Url);
        Lite.Session[] sessions = [client.Session, new(client.Connection), new(client.Connection)];

        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            var sender = client.Sender($"queue-{i}", sessions[i % sessions.Length]);
            var receiver = client.Receiver($"queue-{i}", sessions[i % sessions.Length]);
            for (var n = 0; n < 25; n++)
                await sender.SendAsync(new Lite.Message($"{i}-{n}"));
            Assert.Equal(Enumerable.Range(0, 25).Select(n => $"{i}-{n}"), await LiteClient.ReceiveBodiesAsync(receiver, 25));
        }));
    }

    [Fact]
    public async Task Broker_BetweenBothClients_KeepsSeveralDataSectionsAndTheFooter()
    {
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var connection = await ConnectAsync(broker.Url);
        await using var client = await LiteClient.ConnectAsync(broker.Url);
        await using var sender = await connection.CreateSenderAsync("to-lite", Limit);
        var liteReceiver = client.Receiver("to-lite");
        await using var receiver = await connection.CreateReceiverAsync("to-us", Limit);

        var message = Message.FromData(new byte[] { 1 }, new byte[] { 2, 3 });
        message.Footer["x-opt-check"] = 5;
        await sender.SendAsync(message, Limit);
        var seen = await LiteClient.ReceiveAsync(liteReceiver);
        liteReceiver.Accept(seen);
        await client.Sender("to-us").SendAsync(new Lite.Message { BodySection = seen.BodySection, Footer = seen.Footer });
        var back = (await ReceiveAsync(receiver, 1))[0];

        var list = Assert.IsType<Lite.Framing.DataList>(seen.BodySection);
        Assert.Equal([[1], [2, 3]], Enumerable.Range(0, list.Count).Select(i => list[i].Binary));
        Assert.Equal([[1], [2, 3]], Assert.IsAssignableFrom<IReadOnlyList<byte[]>>(back.Body));
        Assert.Equal(5, back.Footer[new Symbol("x-opt-check")]);
    }

    [Fact]
    public async Task Broker_BetweenOurOwnClients_KeepsEverySectionOfEveryKind()
    {
        await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", Limit);
        await using var connection = await ConnectAsync(broker.Url);
        await using var sender = await connection.CreateSenderAsync(Address, Limit);
        await using var receiver = await connection.CreateReceiverAsync(Address, Limit);
        Message[] sent =
        [
            Message.FromData(new byte[] { 1 }, new byte[] { 2, 3 }),
            Message.FromSequences([new List<object?> { 1 }, new List<object?> { "two", null }]),
            Message.FromSequence(new List<object?> { 3L }),
            Message.FromValue(new byte[] { 4 }),
        ];

        foreach (var message in sent)
        {
            message.Footer["x-opt-check"] = 5;
            await sender.SendAsync(message, Limit);
        }

        var received = await ReceiveAsync(receiver, sent.Length);

        Assert.Equal(sent.Select(m => m.BodyKind), received.Select(m => m.BodyKind));
        Assert.Equal([[1], [2, 3]], Assert.IsAssignableFrom<IReadOnlyList<byte[]>>(received[0].Body));
        var sequences = Assert.IsAssignableFrom<IReadOnlyList<System.Collections.IList>>(received[1].Body);
        SameValue.Assert(new List<object?> { 1 }, sequences[0]);
        SameValue.Assert(new List<object?> { "two", null }, sequences[1]);
        SameValue.Assert(new List<object?> { 3L }, received[2].Body);
        SameValue.Assert(new byte[] { 4 }, received[3].Body);
        Assert.All(received, message => Assert.Equal(5, message.Footer[new Symbol("x-opt-check")]));
    }
}
