// Reconnect: a broker goes away and comes back on the same port. Its sender and its receiver do nothing about it.
using Messaging;
using Messaging.Broker;

const int Count = 10;
if (args.Length > 0)
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: Reconnect");
    return isHelp ? 0 : 2;
}

using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
MessageBroker? broker = null;
try
{
    broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", limit.Token);
    await using var client = new MessagingClient();
    await using IConnection connection = await client.ConnectAsync(new ConnectionOptions { Url = broker.Url }, limit.Token);
    connection.StateChanged += (_, change) => Console.WriteLine(change.Current is ConnectionState.Reconnecting
        ? $"{change.Current}: attempt {change.Attempt} in {change.NextDelay.TotalMilliseconds:0} ms: {change.Cause?.Message}"
        : $"{change.Current}");
    await using ISender sender = await connection.CreateSenderAsync("news", limit.Token);
    await using IReceiver receiver = await connection.CreateReceiverAsync("news", limit.Token);
    Task receiving = ReceiveAsync(receiver, limit.Token);

    for (int i = 1; i <= Count; i++)
    {
        if (i == Count / 2)
            broker = await RestartAsync(broker, limit.Token);
        await sender.SendAsync(new Message($"message {i}"), limit.Token); // waits while there is no connection
        Console.WriteLine($"sent message {i}");
    }

    await receiving;
    return 0;
}
catch (Exception e)
{
    Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
    return 1;
}
finally
{
    if (broker is not null)
        await broker.DisposeAsync();
}

static async Task ReceiveAsync(IReceiver receiver, CancellationToken stop)
{
    await foreach (IDelivery delivery in receiver.ReceiveAllAsync(Count, stop))
        Console.WriteLine($"received {delivery.Message.Body}");
}

// Stops the broker and starts it again after a second. Its queue is in memory and dies with it, so it is drained first.
static async Task<MessageBroker> RestartAsync(MessageBroker broker, CancellationToken stop)
{
    while (broker.GetQueueDepth("news") != 0)
        await Task.Delay(10, stop);
    Console.WriteLine("the broker goes away");
    await broker.StopAsync(stop);
    await Task.Delay(TimeSpan.FromSeconds(1), stop);
    Console.WriteLine("the broker comes back");
    return await MessageBroker.StartAsync(broker.Url, stop);
}
