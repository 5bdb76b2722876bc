// Failover: two brokers, each embedded in a process of its own; the one in use is killed while messages flow, and both sides go on at the other.
// A broker's memory dies with it, accepted messages included. So an order counts as confirmed when the consumer's confirmation has come back,
// not when a broker has accepted it, and after a failover the producer sends again what is not confirmed: the consumer may see an order twice.
using System.Collections.Concurrent;
using System.Diagnostics;
using Messaging;
using Messaging.Broker;

const int Count = 2000;
const int InFlight = 100;
if (args is ["broker"])
    return await RunBrokerAsync();
if (args.Length > 0)
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: Failover");
    return isHelp ? 0 : 2;
}

using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
using var room = new SemaphoreSlim(InFlight);
var orders = new ConcurrentDictionary<long, bool>(); // true: confirmed
var received = new ConcurrentDictionary<long, int>();
Process[] brokers = [StartBroker(), StartBroker()];
try
{
    string[] urls = await Task.WhenAll(brokers.Select(async broker => await broker.StandardOutput.ReadLineAsync(limit.Token) ?? ""));
    var options = new ConnectionOptions { Url = urls[0], Failover = [urls[1]] };
    await using var client = new MessagingClient();
    await using IConnection producer = await client.ConnectAsync(options, limit.Token);
    await using IConnection consumer = await client.ConnectAsync(options, limit.Token);
    await using ISender sender = await producer.CreateSenderAsync("orders", limit.Token);
    await using IReceiver confirmations = await producer.CreateReceiverAsync("confirmations", limit.Token);
    await using IReceiver receiver = await consumer.CreateReceiverAsync("orders", limit.Token);
    await using ISender confirm = await consumer.CreateSenderAsync("confirmations", limit.Token);
    _ = receiver.ProcessAsync(ConsumeAsync, InFlight, limit.Token).AsTask();
    _ = confirmations.ProcessAsync(Confirmed, cancellationToken: limit.Token).AsTask();
    Watch("producer", producer, () => _ = SendAgainAsync(sender));
    Watch("consumer", consumer, () => { });

    for (long id = 1; id <= Count; id++)
    {
        await room.WaitAsync(limit.Token); // no more than so many on their way
        orders[id] = false;
        _ = sender.SendAsync(new Message(id), limit.Token).AsTask(); // waits while there is no connection
        if (id == Count / 2)
        {
            Console.WriteLine($"{id} sent, {received.Count} received, {orders.Values.Count(confirmed => !confirmed)} on their way: the first broker is killed now");
            brokers[0].Kill();
        }
    }

    for (int i = 0; i < InFlight; i++)
        await room.WaitAsync(limit.Token); // all are confirmed
    Console.WriteLine($"{received.Values.Sum() - received.Count} received twice");

    async ValueTask ConsumeAsync(IDelivery delivery, CancellationToken stop)
    {
        var id = (long)delivery.Message.Body!;
        received.AddOrUpdate(id, 1, (_, times) => times + 1);
        await confirm.SendAsync(new Message(id), stop);
    }
}
catch (Exception e)
{
    Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
}
finally
{
    foreach (Process broker in brokers)
        broker.Kill();
}

int confirmed = orders.Values.Count(confirmed => confirmed);
int lost = orders.Keys.Count(id => !received.ContainsKey(id));
Console.WriteLine($"sent={orders.Count} confirmed={confirmed} received={received.Count} lost={lost}");
return lost == 0 && confirmed == Count ? 0 : 1;

ValueTask Confirmed(IDelivery delivery, CancellationToken stop)
{
    if (orders.TryUpdate((long)delivery.Message.Body!, true, false))
        room.Release();
    return ValueTask.CompletedTask;
}

// What the dead broker had accepted, and nobody has confirmed.
async Task SendAgainAsync(ISender sender)
{
    long[] missing = [.. orders.Where(order => !order.Value).Select(order => order.Key)];
    Console.WriteLine($"producer: {missing.Length} orders are not confirmed and are sent again");
    await sender.SendBatchAsync(missing.Select(id => new Message(id)), limit.Token);
}

static void Watch(string name, IConnection connection, Action back) => connection.StateChanged += (_, change) =>
{
    if (change.Current is ConnectionState.Reconnecting)
        Console.WriteLine($"{name}: Reconnecting, attempt {change.Attempt} in {change.NextDelay.TotalMilliseconds:0} ms: {change.Cause?.Message}");
    if (change.Current is not ConnectionState.Connected)
        return;
    Console.WriteLine($"{name}: Connected to {connection.RemoteContainerId}");
    back();
};

static Process StartBroker() => Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Failover.dll"), "broker"])
{
    UseShellExecute = false,
    RedirectStandardInput = true,
    RedirectStandardOutput = true,
})!;

// Prints its URL and serves until it is killed, or until its standard input ends with the process that has started it.
static async Task<int> RunBrokerAsync()
{
    await using MessageBroker broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0");
    Console.WriteLine(broker.Url);
    await Console.In.ReadToEndAsync();
    return 0;
}
