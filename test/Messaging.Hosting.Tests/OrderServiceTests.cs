using Messaging.Amqp;
using NSubstitute;

namespace Messaging.Hosting.Tests;

/// <summary>How an application tests its own classes: with substitutes, no broker and no network.</summary>
public sealed class OrderServiceTests
{
    private readonly IMessagingClient _client = Substitute.For<IMessagingClient>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Place_SendsTheOrder_AndClosesTheSender()
    {
        ISender sender = Substitute.For<ISender>();
        _client.CreateSenderAsync("orders", Arg.Any<CancellationToken>()).Returns(sender);

        await new OrderService(_client).PlaceAsync("book", Token);

        await sender.Received(1).SendAsync(Arg.Is<Message>(message => Equals(message!.Body, "book") && message.Subject == "order"), Arg.Any<CancellationToken>());
        await sender.Received(1).DisposeAsync();
    }

    [Fact]
    public async Task Place_RejectedByTheServer_Throws()
    {
        ISender sender = Substitute.For<ISender>();
        _client.CreateSenderAsync("orders", Arg.Any<CancellationToken>()).Returns(sender);
        sender.SendAsync(Arg.Any<Message>(), Arg.Any<CancellationToken>()).Returns(_ => ValueTask.FromException(new LinkException("gone")));

        await Assert.ThrowsAsync<LinkException>(() => new OrderService(_client).PlaceAsync("book", Token));
    }

    [Fact]
    public async Task TakeAll_ReadsTheStream_AndRejectsWhatIsNoOrder()
    {
        IDelivery[] deliveries = [Delivery("book"), Delivery(42), Delivery("pen")];
        IReceiver receiver = Substitute.For<IReceiver>();
        receiver.ReceiveAllAsync(Arg.Any<CancellationToken>()).Returns(deliveries.ToAsyncEnumerable());
        _client.CreateReceiverAsync("orders", Arg.Any<CancellationToken>()).Returns(receiver);

        List<string> orders = await new OrderService(_client).TakeAllAsync(Token);

        Assert.Equal(["book", "pen"], orders);
        await deliveries[1].Received(1).RejectAsync(Arg.Any<AmqpError?>(), Arg.Any<CancellationToken>());
        await deliveries[0].DidNotReceive().RejectAsync(Arg.Any<AmqpError?>(), Arg.Any<CancellationToken>());
    }

    private static IDelivery Delivery(object body)
    {
        IDelivery delivery = Substitute.For<IDelivery>();
        delivery.Message.Returns(new Message(body));
        return delivery;
    }
}
