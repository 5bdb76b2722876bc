namespace Messaging.Broker.Tests;

/// <summary>A broker and a client for one test. Every wait is bounded.</summary>
internal sealed class BrokerFixture : IAsyncDisposable
{
    private static int _lastName;

    private BrokerFixture(MessageBroker broker) => Broker = broker;

    public MessageBroker Broker { get; }

    public MessagingClient Client { get; } = new();

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task<BrokerFixture> StartAsync(Action<BrokerOptions>? configure = null) =>
        StartAsync($"inproc://broker-{Interlocked.Increment(ref _lastName)}", configure);

    public static Task<BrokerFixture> StartTcpAsync(Action<BrokerOptions>? configure = null) => StartAsync("amqp://127.0.0.1:0", configure);

    public static async Task<BrokerFixture> StartAsync(string url, Action<BrokerOptions>? configure)
    {
        var options = new BrokerOptions { Url = url };
        configure?.Invoke(options);
        return new BrokerFixture(await MessageBroker.StartAsync(options, Token));
    }

    public async Task<IConnection> ConnectAsync() => await Client.ConnectAsync(Broker.Url, Token).AsTask().Bounded();

    /// <summary>A receiver whose credit the test gives.</summary>
    public static async Task<IReceiver> ManualAsync(IConnection connection, string address) => await connection.CreateReceiverAsync(
        new ReceiverOptions { Source = new() { Address = address }, CreditWindow = 0 }, Token).AsTask().Bounded();

    /// <summary>Sends texts and waits until each is accepted.</summary>
    public static async Task SendAsync(IConnection connection, string address, params string[] texts)
    {
        await using ISender sender = await connection.CreateSenderAsync(address, Token);
        foreach (string text in texts)
            await sender.SendAsync(new Message(text), Token).AsTask().Bounded();
    }

    public static async Task<IDelivery> ReceiveAsync(IReceiver receiver) => await receiver.ReceiveAsync(Token).AsTask().Bounded();

    /// <summary>Takes everything that is there, by a drain, and leaves it unsettled.</summary>
    public static async Task<List<IDelivery>> DrainAsync(IReceiver manual, int credit)
    {
        await manual.AddCreditAsync(credit, Token);
        await manual.DrainAsync(Token).AsTask().Bounded();
        List<IDelivery> deliveries = [];
        while (manual.TryReceive(out IDelivery? delivery))
            deliveries.Add(delivery);
        return deliveries;
    }

    /// <summary>Waits until the queue holds so many messages.</summary>
    public async Task WaitForDepthAsync(string address, int depth)
    {
        await Until.TrueAsync(() => Broker.GetQueueDepth(address) == depth, () => $"queue '{address}' has {Broker.GetQueueDepth(address)} messages, not {depth}");
    }

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await Broker.DisposeAsync();
    }
}
