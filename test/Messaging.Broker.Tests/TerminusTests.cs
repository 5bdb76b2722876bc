using Messaging.Amqp;

namespace Messaging.Broker.Tests;

public sealed class TerminusTests
{
    /// <summary>A token that a client puts to <c>$cbs</c> must not wait in a queue for whoever reads it.</summary>
    [Theory]
    [InlineData("$cbs")]
    [InlineData("$management")]
    public async Task NodeOfTheServersOwn_IsNotThere(string address)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();

        LinkException sending = await Assert.ThrowsAsync<LinkException>(() => connection.CreateSenderAsync(address, BrokerFixture.Token).AsTask().Bounded());
        LinkException receiving = await Assert.ThrowsAsync<LinkException>(() => connection.CreateReceiverAsync(address, BrokerFixture.Token).AsTask().Bounded());

        Assert.Equal((ErrorCondition.NotFound, ErrorCondition.NotFound), (sending.Error?.Condition, receiving.Error?.Condition));
        Assert.Null(fixture.Broker.GetQueueDepth(address));
    }

    [Fact]
    public async Task DynamicSource_IsATemporaryQueue_GoneWithItsLink()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await connection.CreateReceiverAsync(BrokerFixture.Token);
        string address = receiver.Source.Address!;
        await BrokerFixture.SendAsync(connection, address, "reply");
        IDelivery delivery = await BrokerFixture.ReceiveAsync(receiver);
        Assert.Equal("reply", delivery.Message.Body);
        await using ISender sender = await connection.CreateSenderAsync(address, BrokerFixture.Token);

        await receiver.CloseAsync(BrokerFixture.Token);
        CloseReason reason = await sender.Closed.Bounded();
        LinkException refused = await Assert.ThrowsAsync<LinkException>(() => connection.CreateSenderAsync(address, BrokerFixture.Token).AsTask().Bounded());

        Assert.Equal(ErrorCondition.ResourceDeleted, reason.Error?.Condition);
        Assert.Equal(ErrorCondition.NotFound, refused.Error?.Condition);
        Assert.Null(fixture.Broker.GetQueueDepth(address));
    }

    [Fact]
    public async Task DynamicTarget_IsATemporaryQueue_GoneWithItsConnection()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection making = await fixture.ConnectAsync();
        await using ISender sender = await making.CreateSenderAsync(new SenderOptions { Target = new Target { Dynamic = true } }, BrokerFixture.Token);
        string address = sender.Target.Address!;
        await sender.SendAsync(new Message("a"), BrokerFixture.Token);
        IConnection other = await fixture.ConnectAsync();
        await using IReceiver receiver = await other.CreateReceiverAsync(address, BrokerFixture.Token);
        IDelivery delivery = await BrokerFixture.ReceiveAsync(receiver);

        await making.DisposeAsync();
        CloseReason reason = await receiver.Closed.Bounded();

        Assert.Equal("a", delivery.Message.Body);
        Assert.Equal(ErrorCondition.ResourceDeleted, reason.Error?.Condition);
        Assert.Equal(0, fixture.Broker.QueueCount);
    }

    [Fact]
    public async Task AnonymousTerminus_SendsEachMessageWhereItsToSays()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver a = await connection.CreateReceiverAsync("a", BrokerFixture.Token);
        await using IReceiver b = await connection.CreateReceiverAsync("b", BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync(new SenderOptions(), BrokerFixture.Token);

        await sender.SendAsync(new Message("for b") { To = "b" }, BrokerFixture.Token);
        await sender.SendAsync(new Message("for a") { To = "a" }, BrokerFixture.Token);

        Assert.Equal("for a", (await BrokerFixture.ReceiveAsync(a)).Message.Body);
        Assert.Equal("for b", (await BrokerFixture.ReceiveAsync(b)).Message.Body);
    }

    [Theory]
    [InlineData(null, "amqp:invalid-field")]
    [InlineData("nowhere", "amqp:not-found")]
    public async Task AnonymousTerminus_WithoutAQueueForIt_RejectsTheMessage(string? to, string condition)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync(new SenderOptions(), BrokerFixture.Token);

        DeliveryRejectedException exception = await Assert.ThrowsAsync<DeliveryRejectedException>(
            () => sender.SendAsync(new Message("a") { To = to }, BrokerFixture.Token).AsTask().Bounded());

        Assert.Equal(condition, exception.Error?.Condition.Value);
        Assert.Equal(0, fixture.Broker.QueueCount);
        Assert.False(sender.Closed.IsCompleted);
    }

    [Fact]
    public async Task AnonymousTerminus_PresettledWithoutAQueueForIt_EndsTheLink()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync(new SenderOptions { SettleMode = SenderSettleMode.Settled }, BrokerFixture.Token);

        await sender.SendAsync(new Message("a") { To = "nowhere" }, BrokerFixture.Token);

        Assert.Equal(ErrorCondition.NotFound, (await sender.Closed.Bounded()).Error?.Condition);
    }

    [Fact]
    public async Task TooManyQueues_AreRefused_AndIdleEmptyOnesMakeRoom()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.MaxQueues = 2);
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "full", "a");
        ISender held = await connection.CreateSenderAsync("held", BrokerFixture.Token);

        LinkException refused = await Assert.ThrowsAsync<LinkException>(() => connection.CreateSenderAsync("third", BrokerFixture.Token).AsTask().Bounded());
        await held.DisposeAsync();
        await Until.TrueAsync(
            () => connection.CreateSenderAsync("third", BrokerFixture.Token).AsTask().ContinueWith(
                task => task.IsCompletedSuccessfully, BrokerFixture.Token, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).GetAwaiter().GetResult(),
            () => "the idle queue made no room");

        Assert.Equal(ErrorCondition.ResourceLimitExceeded, refused.Error?.Condition);
        Assert.Equal(1, fixture.Broker.GetQueueDepth("full"));
        Assert.Null(fixture.Broker.GetQueueDepth("held"));
    }

    [Fact]
    public async Task Browsing_IsRefused()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();

        LinkException refused = await Assert.ThrowsAsync<LinkException>(() => connection.CreateReceiverAsync(
            new ReceiverOptions { Source = new Source { Address = "q", DistributionMode = "copy" } }, BrokerFixture.Token).AsTask().Bounded());

        Assert.Equal(ErrorCondition.NotImplemented, refused.Error?.Condition);
    }

    [Fact]
    public async Task Answer_TellsWhatIsInEffect()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();

        await using IReceiver receiver = await connection.CreateReceiverAsync(
            new ReceiverOptions
            {
                Source = new Source
                {
                    Address = "q",
                    Durability = TerminusDurability.UnsettledState,
                    Capabilities = ["queue", "topic"],
                    Filter = new Dictionary<Symbol, object?> { ["selector"] = new Described(new Symbol("apache.org:selector-filter:string"), "a = 1") },
                },
            },
            BrokerFixture.Token);

        Assert.Equal("q", receiver.Source.Address);
        Assert.Null(receiver.Source.Filter);
        Assert.Equal(TerminusDurability.None, receiver.Source.Durability);
        Assert.Equal([new Symbol("queue")], receiver.Source.Capabilities);
        Assert.Contains(new Symbol("ANONYMOUS-RELAY"), connection.RemoteOfferedCapabilities);
    }
}
