using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

public sealed class TlsRoundTripTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Connect_VersionAllowed_CarriesMessagesInIt(SslProtocols version)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Protocols = version);

        (IConnection connection, IIncomingConnection incoming, IConnection accepted) = await testing.ConnectAsync(listener);
        await using IConnection closing = connection;

        Assert.Equal([1, 2, 3], await RoundTripAsync(connection, accepted, [1, 2, 3]));
        Assert.True(incoming.IsEncrypted);
        Assert.Null(incoming.ClientCertificate);
        Assert.StartsWith($"{version}, TLS_", await testing.LoggedAsync(4100), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public async Task Connect_NameOrAddressInTheCertificate_IsTrusted(string host)
    {
        if (host.StartsWith('[')) TransportTesting.RequireIPv6();
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Url = $"amqps://{host}:0");

        (IConnection connection, _, _) = await testing.ConnectAsync(listener);

        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Send_LargeAndManySmall_ArriveWhole()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();
        (IConnection connection, _, IConnection accepted) = await testing.ConnectAsync(listener);
        await using IConnection closing = connection;
        byte[] large = new byte[5_000_000];
        new Random(7).NextBytes(large);

        Assert.Equal(large, await RoundTripAsync(connection, accepted, large));

        (ISender sender, IReceiver receiver) = await LinkAsync(connection, accepted);
        Task<List<object?>> receiving = BoundedWaits.Run(async () =>
        {
            var bodies = new List<object?>();
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(5000, BoundedWaits.Stop))
                bodies.Add(delivery.Message.Body);
            return bodies;
        });
        await Task.WhenAll(Enumerable.Range(0, 5000).Select(i => sender.SendAsync(new Message(i), BoundedWaits.Stop).AsTask())).Bounded();
        Assert.Equal(Enumerable.Range(0, 5000).Cast<object?>(), await receiving.Bounded());
    }

    [Theory]
    [InlineData(null, null, "localhost")]
    [InlineData("virtual.example", null, "virtual.example")]
    [InlineData("", null, "localhost")]
    [InlineData("virtual.example", "server.example", "server.example")]
    public async Task Connect_NameGiven_AsksForItAndChecksIt(string? virtualHost, string? serverName, string expected)
    {
        await using var testing = new TlsTesting();
        string? asked = null;
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = name =>
        {
            asked = name;
            return testing.Certificates.Issue(name!, withAddresses: false);
        });

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(
            listener, tls => tls.ServerName = serverName, options => options.VirtualHost = virtualHost);

        Assert.Equal(expected, asked);
        Assert.Equal(virtualHost is "" ? null : virtualHost ?? "localhost", incoming.Hostname);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Connect_ByAddress_AsksForNoName()
    {
        await using var testing = new TlsTesting();
        string? asked = "not called";
        IListener listener = await testing.ListenAsync(options =>
        {
            options.Url = "amqps://127.0.0.1:0";
            options.Tls!.ServerCertificate = name =>
            {
                asked = name;
                return testing.Certificates.Server;
            };
        });

        (IConnection connection, _, _) = await testing.ConnectAsync(listener);

        Assert.Null(asked); // RFC 6066, 3: an address is no server name
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Close_ByTheListener_EndsTlsInOrder()
    {
        const byte Alert = 21;
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Protocols = SslProtocols.Tls12); // 1.3 hides the type of a record
        var records = new RecordingStream(new NetworkStream(await testing.DialAsync(listener)));
        await using var stream = new SslStream(records);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true }, BoundedWaits.Stop).Bounded();

        await stream.WriteAsync("BAD!\0\0\0\0"u8.ToArray(), BoundedWaits.Stop).Bounded();
        var answer = new MemoryStream();
        await stream.CopyToAsync(answer, BoundedWaits.Stop).Bounded();

        Assert.Equal("AMQP"u8.ToArray(), answer.ToArray()[..4]);
        Assert.Equal(Alert, records.TypeOfLastRecord());
    }

    private static async Task<(ISender Sender, IReceiver Receiver)> LinkAsync(IConnection connection, IConnection accepted)
    {
        ValueTask<ISender> creating = connection.CreateSenderAsync("q", BoundedWaits.Stop);
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        IReceiver receiver = await link.AcceptReceiverAsync(null, BoundedWaits.Stop).Bounded();
        return (await creating.Bounded(), receiver);
    }

    private static async Task<byte[]> RoundTripAsync(IConnection connection, IConnection accepted, byte[] body)
    {
        (ISender sender, IReceiver receiver) = await LinkAsync(connection, accepted);
        Task sending = sender.SendAsync(new Message(body), BoundedWaits.Stop).AsTask();
        IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        byte[] received = Assert.IsType<byte[]>(delivery.Message.Body);
        await delivery.AcceptAsync(BoundedWaits.Stop).Bounded();
        await sending.Bounded();
        return received;
    }
}
