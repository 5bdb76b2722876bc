// Tls: mutual TLS in one process. A broker that asks every client for a certificate, and a client that logs in with one (SASL EXTERNAL).
using Messaging;
using Messaging.Broker;
using Samples;

if (args.Length > 0)
{
    bool isHelp = args is ["--help"];
    (isHelp ? Console.Out : Console.Error).WriteLine("usage: Tls");
    return isHelp ? 0 : 2;
}

using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
try
{
    var certificates = new Certificates();
    var options = new BrokerOptions
    {
        Url = "amqps://localhost:0",
        AllowAnonymous = false, // the certificate is the login
    };
    options.Listener.Tls = new ListenerTlsOptions
    {
        ServerCertificate = _ => certificates.Server,
        ClientCertificate = ClientCertificateMode.Required,
        TrustedCertificates = [certificates.Authority], // nobody else's clients
    };
    options.Listener.AuthorizeConnection = (incoming, _) =>
    {
        Console.WriteLine($"The listener sees '{incoming.Identity}', by the certificate '{incoming.ClientCertificate?.Subject}' of '{incoming.ClientCertificate?.Issuer}'");
        return ValueTask.FromResult(incoming.IsEncrypted);
    };
    await using MessageBroker broker = await MessageBroker.StartAsync(options, limit.Token);

    await using var client = new MessagingClient();
    await using IConnection connection = await client.ConnectAsync(new ConnectionOptions
    {
        Url = broker.Url,
        Reconnect = false, // one attempt
        Tls = new TlsOptions
        {
            TrustedCertificates = [certificates.Authority], // instead of the system's authorities
            ClientCertificate = certificates.Client,
        },
    }, limit.Token);
    await using ISender sender = await connection.CreateSenderAsync("examples", limit.Token);
    await using IReceiver receiver = await connection.CreateReceiverAsync("examples", limit.Token);

    await sender.SendAsync(new Message("Hello TLS!"), limit.Token);
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
