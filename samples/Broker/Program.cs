// Broker [url]: an AMQP 1.0 broker in memory. Queues are made on demand; Ctrl-C or SIGTERM stops it.
using System.Runtime.InteropServices;
using Messaging.Broker;

if (args.Length > 1 || args is [['-', ..]])
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: Broker [url]");
    return isHelp ? 0 : 2;
}

var stop = new TaskCompletionSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
try
{
    await using var broker = await MessageBroker.StartAsync(args is [var url] ? url : "amqp://127.0.0.1:5672");
    Console.WriteLine($"Listening on {broker.Url}");
    await stop.Task;
    return 0;
}
catch (Exception e)
{
    return Fail(e.Message);
}

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.TrySetResult();
}

static int Fail(string message)
{
    Console.Error.WriteLine(message.ReplaceLineEndings(" "));
    return 1;
}
