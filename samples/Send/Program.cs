// Send <url> <address> <body> [--allow-insecure]: sends one message and waits until the peer has accepted it.
using Messaging;

bool allowInsecure = args.Contains("--allow-insecure");
if (args.Where(a => a is not "--allow-insecure").ToArray() is not [var url, var address, var body])
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: Send <url> <address> <body> [--allow-insecure]");
    return isHelp ? 0 : 2;
}

try
{
    await using var client = new MessagingClient();
    await using IConnection connection = await client.ConnectAsync(new ConnectionOptions
    {
        Url = url,
        Reconnect = false, // one attempt
        AllowInsecureMechanisms = allowInsecure, // a password on an unencrypted connection
    });
    await using ISender sender = await connection.CreateSenderAsync(address);
    Console.WriteLine($"SEND: Opened sender for target address '{address}'");

    await sender.SendAsync(new Message(body));
    Console.WriteLine($"SEND: Sent message '{body}'");
    return 0;
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
