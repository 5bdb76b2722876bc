// Receive <url> <address> [count] [--allow-insecure]: receives count messages, or until Ctrl-C.
using System.Runtime.InteropServices;
using System.Text;
using Messaging;

bool allowInsecure = args.Contains("--allow-insecure");
string[] rest = [.. args.Where(a => a is not "--allow-insecure")];
int count = 0;
if (rest.Length is not (2 or 3) || (rest.Length == 3 && (!int.TryParse(rest[2], out count) || count < 0)))
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: Receive <url> <address> [count] [--allow-insecure]");
    return isHelp ? 0 : 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await using var client = new MessagingClient();
    await using IConnection connection = await client.ConnectAsync(new ConnectionOptions
    {
        Url = rest[0],
        Reconnect = false, // one attempt
        AllowInsecureMechanisms = allowInsecure, // a password on an unencrypted connection
    }, stop.Token);
    await using IReceiver receiver = await connection.CreateReceiverAsync(rest[1], stop.Token);
    Console.WriteLine($"RECEIVE: Created receiver for source address '{rest[1]}'");

    // each message is accepted when the loop asks for the next one, the last one too
    var deliveries = count > 0 ? receiver.ReceiveAllAsync(count, stop.Token) : receiver.ReceiveAllAsync(stop.Token);
    await foreach (IDelivery delivery in deliveries)
        Console.WriteLine($"RECEIVE: Received message '{Text(delivery.Message.Body)}'");
    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 0;
}
catch (Exception e)
{
    return Fail(e.Message);
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

static string? Text(object? body) => body is byte[] data ? Encoding.UTF8.GetString(data) : body?.ToString();

static int Fail(string message)
{
    Console.Error.WriteLine(message.ReplaceLineEndings(" "));
    return 1;
}
