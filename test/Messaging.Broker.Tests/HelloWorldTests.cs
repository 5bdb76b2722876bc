namespace Messaging.Broker.Tests;

public sealed class HelloWorldTests
{
    [Theory]
    [InlineData("inproc://hello-broker")]
    [InlineData("amqp://127.0.0.1:0")]
    [InlineData("amqp://[::1]:0")]
    public async Task Send_ThenReceive_GivesTheMessage(string url)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(url, configure: null);
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "examples", "Hello World!");

        await using IReceiver receiver = await connection.CreateReceiverAsync("examples", BrokerFixture.Token);
        List<object?> bodies = [];
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(1, BrokerFixture.Token))
            bodies.Add(delivery.Message.Body);

        Assert.Equal(["Hello World!"], bodies);
        await fixture.WaitForDepthAsync("examples", 0);
    }

    [Fact]
    public async Task Receive_BeforeSend_GivesTheMessageWhenItComes()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await connection.CreateReceiverAsync("examples", BrokerFixture.Token);
        Task<IDelivery> receiving = BrokerFixture.ReceiveAsync(receiver);

        await BrokerFixture.SendAsync(connection, "examples", "later");

        Assert.Equal("later", (await receiving).Message.Body);
    }

    [Fact]
    public async Task Url_OfPort0_HasTheRealPort()
    {
        await using MessageBroker broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", BrokerFixture.Token);

        Assert.StartsWith("amqp://127.0.0.1:", broker.Url, StringComparison.Ordinal);
        Assert.DoesNotContain(":0", broker.Url[5..], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Queues_AreMadeByAttaching_AndToldApart()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();

        await BrokerFixture.SendAsync(connection, "a", "1", "2");
        await using IReceiver receiver = await connection.CreateReceiverAsync("b", BrokerFixture.Token);

        Assert.Equal(2, fixture.Broker.QueueCount);
        Assert.Equal(2, fixture.Broker.GetQueueDepth("a"));
        Assert.Equal(0, fixture.Broker.GetQueueDepth("b"));
        Assert.Null(fixture.Broker.GetQueueDepth("c"));
    }
}
