// Our client and our listener with Kerberos, in a process of their own: the GSS-API reads the environment
// (KRB5_CONFIG, KRB5CCNAME, KRB5_KTNAME) when it is first used, and .NET cannot change that from inside.
//
//   KerberosPeer listen             prints LISTENING url and, for each login, LOGIN identity mechanism; ends with its standard input
//   KerberosPeer login URL [USER]   sends a message and receives it: RECEIVED body; or ERROR type, whether it is transient, message
using System.Globalization;
using Messaging;
using Messaging.Interop.Tests;

using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
await using var client = new MessagingClient();
try
{
    switch (args)
    {
        case ["listen"]:
            await ListenAsync();
            return 0;
        case ["login", var url]:
            await LogInAsync(url, null);
            return 0;
        case ["login", var url, var user]:
            await LogInAsync(url, user);
            return 0;
        default:
            Console.Error.WriteLine("usage: KerberosPeer listen | login URL [USER]");
            return 2;
    }
}
catch (MessagingException exception)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ERROR {exception.GetType().Name} transient={exception.IsTransient} {exception.Message}"));
    return 1;
}

async Task ListenAsync()
{
    var options = new ListenerOptions { Url = "amqp://localhost:0", AllowAnonymous = false, AllowKerberos = true };
    await using var listening = await Listening.StartAsync(
        client, options, new Echo().ServeAsync, login => Console.WriteLine($"LOGIN {login.Identity} {login.SaslMechanism}"), limit.Token);
    Console.WriteLine($"LISTENING {listening.Url}");
    await Console.In.ReadToEndAsync();
}

async Task LogInAsync(string url, string? user)
{
    await using var connection = await client.ConnectAsync(
        new ConnectionOptions { Url = url, User = user, AllowedMechanisms = ["GSSAPI"], Reconnect = false }, limit.Token);
    await using var receiver = await connection.CreateReceiverAsync("kerberos", limit.Token);
    await using var sender = await connection.CreateSenderAsync("kerberos", limit.Token);
    await sender.SendAsync(new Message("from Messaging"), limit.Token);
    await foreach (var delivery in receiver.ReceiveAllAsync(1, limit.Token))
        Console.WriteLine($"RECEIVED {delivery.Message.Body}");
}
