// Failover: two brokers; the one in use is killed while there is more to send, and producer and consumer go on at the other one.
// These brokers keep their queues in memory, so a queue dies with its broker: the first one is killed when its queue is drained.
using System.Collections.Concurrent;
using Messaging;
using Messaging.Broker;

const int Half = 500;
using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
var received = new ConcurrentDictionary<long, int>();
var confirmed = new ConcurrentDictionary<long, int>();
int sent = 0;
try
{
    await using MessageBroker first = await MessageBroker.StartAsync("amqp://127.0.0.1:0", limit.Token);
    await using MessageBroker second = await MessageBroker.StartAsync("amqp://127.0.0.1:0", limit.Token);
    await using var client = new MessagingClient();
    var options = new ConnectionOptions { Url = first.Url, Failover = [second.Url] };
    await using IConnection producer = await client.ConnectAsync(options, limit.Token);
    await using IConnection consumer = await client.ConnectAsync(options, limit.Token);
    (Task producerLost, Task producerBack) = Watch("producer", producer);
    (_, Task consumerBack) = Watch("consumer", consumer);
    await using ISender sender = await producer.CreateSenderAsync("orders", limit.Token);
    await using IReceiver receiver = await consumer.CreateReceiverAsync("orders", limit.Token);
    _ = receiver.ProcessAsync(
        (delivery, _) =>
        {
            received.AddOrUpdate((long)delivery.Message.Body!, 1, (_, times) => times + 1);
            return ValueTask.CompletedTask;
        },
        cancellationToken: limit.Token);

    await SendHalfAsync(sender);
    while (first.GetQueueDepth("orders") != 0)
        await Task.Delay(10, limit.Token);
    Console.WriteLine($"{sent} sent, {received.Count} received, the first broker's queue is empty: it is killed now");
    Task stopping = first.StopAsync(limit.Token).AsTask();
    await producerLost.WaitAsync(limit.Token);

    await SendHalfAsync(sender); // they wait for a connection
    await Task.WhenAll(stopping, producerBack, consumerBack).WaitAsync(limit.Token);
    while (second.GetQueueDepth("orders") != 0)
        await Task.Delay(10, limit.Token);
    Console.WriteLine($"{received.Values.Sum() - received.Count} received twice");
}
catch (Exception e)
{
    Console.Error.WriteLine(e.Message.ReplaceLineEndings(" "));
}

int lost = confirmed.Keys.Count(id => !received.ContainsKey(id));
Console.WriteLine($"sent={sent} confirmed={confirmed.Count} received={received.Count} lost={lost}");
return lost == 0 && confirmed.Count == 2 * Half ? 0 : 1;

async Task SendHalfAsync(ISender sender)
{
    var running = new List<Task>();
    for (int i = 0; i < Half; i++)
        running.Add(SendAsync(sender, ++sent));
    await Task.WhenAll(running);
}

async Task SendAsync(ISender sender, long id)
{
    await sender.SendAsync(new Message(id), limit.Token); // returns when a broker has accepted it
    confirmed[id] = 1;
}

// prints what happens to a connection; completes when it is lost, and when it is back
static (Task Lost, Task Back) Watch(string name, IConnection connection)
{
    var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    connection.StateChanged += (_, change) =>
    {
        if (change.Current is ConnectionState.Reconnecting)
        {
            Console.WriteLine($"{name}: Reconnecting, attempt {change.Attempt} in {change.NextDelay.TotalMilliseconds:0} ms: {change.Cause?.Message}");
            lost.TrySetResult();
        }
        else if (change.Current is ConnectionState.Connected)
        {
            Console.WriteLine($"{name}: Connected to {connection.RemoteContainerId}");
            back.TrySetResult();
        }
    };
    return (lost.Task, back.Task);
}
