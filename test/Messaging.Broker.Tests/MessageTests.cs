using Messaging.Amqp;

namespace Messaging.Broker.Tests;

/// <summary>What of a message goes through the broker.</summary>
public sealed class MessageTests
{
    [Fact]
    public async Task EverySection_ComesOutAsItWentIn_SaveDeliveryAnnotations()
    {
        Message sent = Message.FromSequences([new List<object?> { 1, "two" }, new List<object?> { null }]);
        sent.Durable = true;
        sent.Priority = 7;
        sent.DeliveryCount = 2;
        sent.MessageId = "id";
        sent.UserId = new byte[] { 1, 2 };
        sent.Subject = "subject";
        sent.ApplicationProperties["a"] = 1.5;
        sent.MessageAnnotations["x-opt-b"] = new List<object?> { 1UL };
        sent.DeliveryAnnotations["x-opt-hop"] = true;
        sent.Footer["x-opt-c"] = "end";

        Message received = await RoundTripAsync(sent);

        Assert.True(received.Durable);
        Assert.Equal(7, received.Priority);
        Assert.Equal(2u, received.DeliveryCount);
        Assert.True(received.FirstAcquirer);
        Assert.Equal("id", received.MessageId);
        Assert.Equal("subject", received.Subject);
        Assert.Equal(1.5, received.ApplicationProperties["a"]);
        Assert.Equal(new List<object?> { 1UL }, received.MessageAnnotations["x-opt-b"]);
        Assert.Empty(received.DeliveryAnnotations);
        Assert.Equal("end", received.Footer["x-opt-c"]);
        Assert.Equal(sent.Encoded.ToArray(), received.Encoded.ToArray());
    }

    [Fact]
    public async Task SeveralDataSections_AreKept()
    {
        Message sent = Message.FromData([new byte[] { 1 }, new byte[] { 2, 3 }, ReadOnlyMemory<byte>.Empty]);

        Message received = await RoundTripAsync(sent);

        Assert.Equal(sent.Encoded.ToArray(), received.Encoded.ToArray());
    }

    [Fact]
    public async Task MessageFormat_IsKept()
    {
        Message received = await RoundTripAsync(new Message("a") { MessageFormat = 0x8001_3700 });

        Assert.Equal(0x8001_3700u, received.MessageFormat);
    }

    [Fact]
    public async Task LargeMessage_InManyFrames_IsKept()
    {
        byte[] body = new byte[5 * 1024 * 1024];
        new Random(1).NextBytes(body);

        Message received = await RoundTripAsync(new Message(body));

        Assert.Equal(body, received.Body);
    }

    [Fact]
    public async Task MessageLargerThanTheBrokerTakes_IsRefusedByTheSender()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.MaxMessageSize = 1000);
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);

        Assert.Equal(1000ul, sender.MaxMessageSize);
        await Assert.ThrowsAsync<ArgumentException>(async () => await sender.SendAsync(new Message(new byte[1000]), BrokerFixture.Token));
    }

    [Fact]
    public async Task MessageLargerThanAReceiverTakes_WaitsForAnother()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver small = await connection.CreateReceiverAsync(
            new ReceiverOptions { Source = new Source { Address = "q" }, MaxMessageSize = 100 }, BrokerFixture.Token);
        await BrokerFixture.SendAsync(connection, "q", "before");
        await BrokerFixture.ReceiveAsync(small); // the queue has seen its credit, of which there is more
        Task<IDelivery> first = BrokerFixture.ReceiveAsync(small);
        await BrokerFixture.SendAsync(connection, "q", new string('x', 1000), "small");

        await using IReceiver large = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        IDelivery other = await BrokerFixture.ReceiveAsync(large);

        Assert.Equal("small", (await first).Message.Body);
        Assert.Equal(new string('x', 1000), other.Message.Body);
    }

    private static async Task<Message> RoundTripAsync(Message sent)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await sender.SendAsync(sent, BrokerFixture.Token).AsTask().Bounded();
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        IDelivery delivery = await BrokerFixture.ReceiveAsync(receiver);
        return delivery.Message;
    }
}
