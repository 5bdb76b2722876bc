// Sasl [url]: logs in by SCRAM, which never sends the password, and shows what a wrong password gives.
// Without a url it starts a listener in this process that knows the user alice; with one, the url has user and password: amqp://alice:secret@host
using Messaging;

if (args.Length > 1 || args is [['-', ..]])
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: Sasl [amqp[s]://user:password@host[:port]]");
    return isHelp ? 0 : 2;
}

try
{
    var users = new InMemoryUserStore(); // keeps salted keys, not the passwords
    users.Add("alice", "correct horse");

    await using var client = new MessagingClient();
    await using IListener? listener = args.Length > 0 ? null : await client.ListenAsync(new ListenerOptions
    {
        Url = "amqp://127.0.0.1:0",
        Users = users,
        AllowAnonymous = false,
    });
    Task accepting = listener is null ? Task.CompletedTask : AcceptAsync(listener);
    var options = new ConnectionOptions
    {
        Url = args is [var url] ? url : listener!.Url.Replace("amqp://", "amqp://alice:correct%20horse@"),
        AllowedMechanisms = ["SCRAM-SHA-256"], // without it the strongest that both sides have
        Reconnect = false, // one attempt
    };

    await using (await client.ConnectAsync(options))
        Console.WriteLine("CLIENT: Logged in, and the server has proved that it knows the password too");

    try
    {
        options.Password = "wrong horse"; // wins over the url's
        await using IConnection connection = await client.ConnectAsync(options);
        return Fail("A wrong password was taken.");
    }
    catch (SaslException refusal)
    {
        Console.WriteLine($"CLIENT: With a wrong password: {refusal.Failure}, {(refusal.IsTransient ? "may pass" : "stays")}");
    }

    if (listener is not null)
        await listener.CloseAsync();
    await accepting;
    return 0;
}
catch (Exception e)
{
    return Fail(e.Message);
}

static async Task AcceptAsync(IListener listener)
{
    await foreach (IIncomingConnection incoming in listener.AcceptAllAsync())
    {
        Console.WriteLine($"LISTENER: '{incoming.Identity}' logs in by {incoming.SaslMechanism}");
        await incoming.AcceptAsync();
    }
}

static int Fail(string message)
{
    Console.Error.WriteLine(message.ReplaceLineEndings(" "));
    return 1;
}
