// HelloWorld [url] [address] [--allow-insecure]: sends a message and receives it back.
// Without a url it starts a broker in this process and talks AMQP 1.0 to it over loopback TCP.
using Messaging;
using Messaging.Broker;

bool allowInsecure = args.Contains("--allow-insecure");
string[] rest = [.. args.Where(a => a is not "--allow-insecure")];
if (rest.Length > 2 || rest is [['-', ..], ..])
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: HelloWorld [url] [address] [--allow-insecure]");
    return isHelp ? 0 : 2;
}

using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
try
{
    await using MessageBroker? broker = rest.Length == 0 ? await MessageBroker.StartAsync("amqp://127.0.0.1:0") : null;
    string url = broker?.Url ?? rest[0];
    string address = rest.Length == 2 ? rest[1] : "examples";

    await using var client = new MessagingClient();
    await using IConnection connection = await client.ConnectAsync(new ConnectionOptions
    {
        Url = url,
        Reconnect = false, // one attempt
        AllowInsecureMechanisms = allowInsecure, // a password on an unencrypted connection
    }, limit.Token);
    await using ISender sender = await connection.CreateSenderAsync(address, limit.Token);
    await using IReceiver receiver = await connection.CreateReceiverAsync(address, limit.Token);

    await sender.SendAsync(new Message("Hello World!"), limit.Token);
    await foreach (IDelivery delivery in receiver.ReceiveAllAsync(1, limit.Token))
        Console.WriteLine(delivery.Message.Body);
    return 0;
}
catch (OperationCanceledException) when (limit.IsCancellationRequested)
{
    return Fail("No message came back within 30 seconds.");
}
catch (Exception e)
{
    return Fail(e.Message);
}

static int Fail(string message)
{
    Console.Error.WriteLine(message.ReplaceLineEndings(" "));
    return 1;
}
