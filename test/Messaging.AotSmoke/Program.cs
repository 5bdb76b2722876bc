// Published with NativeAOT by .ci/run: the embedded broker and a client, natively compiled. Exit code 0 and "Hello World!" or it failed.
using Messaging;
using Messaging.Amqp;
using Messaging.Broker;

using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
await using var broker = await MessageBroker.StartAsync("amqp://127.0.0.1:0", cancellationToken: limit.Token);
await using var client = new MessagingClient();
await using IConnection connection = await client.ConnectAsync(broker.Url, limit.Token);
await using ISender sender = await connection.CreateSenderAsync("smoke", limit.Token);
await using IReceiver receiver = await connection.CreateReceiverAsync("smoke", limit.Token);

// one of each kind whose code differs under AOT: an array, a map, a described value, a generic collection
object[] bodies =
[
    new[] { 1, 2, 3 },
    new OrderedDictionary<object, object?> { ["key"] = Guid.Empty },
    new Described(new Symbol("example:type"), 7UL),
    "Hello World!",
];
foreach (var body in bodies)
    await sender.SendAsync(new Message(body), limit.Token);

object? last = null;
await foreach (IDelivery delivery in receiver.ReceiveAllAsync(bodies.Length, limit.Token))
    last = delivery.Message.Body;
Console.WriteLine(last);
