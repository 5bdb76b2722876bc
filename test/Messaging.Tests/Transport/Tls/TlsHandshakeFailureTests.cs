using System.Net;
using System.Net.Sockets;
using Messaging.Tests.Support;
using Messaging.Transport;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Transport.Tls;

/// <summary>A client whose server ends the handshake in some other way than by being refused.</summary>
public sealed class TlsHandshakeFailureTests
{
    private const int HelloHeader = 5;

    [Theory]
    [InlineData("AMQP\0\u0001\0\0", "'AMQP\\x00\\x01\\x00\\x00'", "It may be an amqp port or client.")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n", "'HTTP/1.1'", "It may be an amqp port or client.")]
    [InlineData("AMQP\u0002\u0001\0\0", "'AMQP\\x02\\x01\\x00\\x00'", "It begins TLS after an AMQP header: set Tls.Mode = InBand.")]
    public async Task Connect_ServerAnswersInClearText_SaysThatItIsNoTls(string answer, string quoted, string advice)
    {
        await using var testing = new TlsTesting();
        string url = testing.Serve(async socket =>
        {
            await socket.ReadAsync(HelloHeader);
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(answer));
            await socket.ReadToEndAsync();
        });

        TlsException error = await testing.FailsAsync<TlsException>(url);

        Assert.Contains($"does not speak TLS: it sent {quoted}. {advice}", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task Connect_ClearTextToAPortThatEndsIt_AsksForTls()
    {
        await using var testing = new TlsTesting();
        string url = testing.Serve(static socket => socket.ReadAsync(8), scheme: "amqp");

        MessagingConnectionException error = await testing.Client.ConnectAsync(new ConnectionOptions { Url = url, Reconnect = false }, BoundedWaits.Stop).Throws<MessagingConnectionException, IConnection>();

        Assert.Contains("without a close frame, before it sent anything: it may be a port of TLS (amqps).", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(40, "handshake_failure", false)]
    [InlineData(48, "unknown_ca", false)]
    [InlineData(70, "protocol_version", false)]
    [InlineData(80, "internal_error", true)]
    [InlineData(112, "unrecognized_name", false)]
    [InlineData(116, "certificate_required", false)]
    [InlineData(200, "alert 200", false)]
    public async Task Connect_ServerSendsAnAlert_NamesIt(byte alert, string name, bool isTransient)
    {
        await using var testing = new TlsTesting();
        string url = testing.Serve(async socket =>
        {
            await socket.ReadAsync(HelloHeader);
            await socket.SendAsync(new byte[] { 21, 3, 3, 0, 2, 2, alert });
            await socket.ReadToEndAsync();
        });

        TlsException error = await testing.FailsAsync<TlsException>(url);

        Assert.Contains($"the peer ended TLS with '{name}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(isTransient, error.IsTransient);
    }

    [Fact]
    public async Task Connect_ServerCloses_IsTransient() => Assert.Contains(
        "closed the connection during the TLS handshake", (await LostAsync(socket => Task.CompletedTask)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Connect_ServerClosesInTheMiddleOfARecord_IsTransient() => Assert.Contains(
        "closed the connection during the TLS handshake",
        (await LostAsync(async socket => await socket.SendAsync(new byte[] { 22, 3, 3, 0, 100, 2, 0, 0, 90, 3, 3 }))).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Connect_ServerResets_IsTransient() => Assert.Contains(
        "was reset during the TLS handshake",
        (await LostAsync(socket =>
        {
            socket.Reset();
            return Task.CompletedTask;
        })).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task Connect_ServerSendsGarbageInARecord_IsFinal()
    {
        await using var testing = new TlsTesting();
        string url = testing.Serve(async socket =>
        {
            await socket.ReadAsync(HelloHeader);
            await socket.SendAsync(new byte[] { 22, 3, 3, 0, 4, 99, 99, 99, 99 });
            await socket.ReadToEndAsync();
        });

        TlsException error = await testing.FailsAsync<TlsException>(url);

        Assert.Contains("TLS failed", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Theory]
    [InlineData(TlsMode.Direct)]
    [InlineData(TlsMode.InBand)]
    public async Task Connect_ServerStalls_EndsAtTheTimeout(TlsMode mode)
    {
        var time = new FakeTimeProvider();
        await using var testing = new TlsTesting(time);
        var stalled = new TaskCompletionSource();
        string url = testing.Serve(async socket =>
        {
            await socket.ReadAsync(1);
            stalled.SetResult();
            await socket.ReadToEndAsync();
        });
        ConnectionOptions options = testing.Options(url, tls => tls.Mode = mode);
        options.ConnectTimeout = Timeout.InfiniteTimeSpan;

        Task<IConnection> connecting = testing.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        await stalled.Task.Bounded();
        DateTimeOffset start = time.GetUtcNow();
        await time.PassUntilAsync(connecting, TimeSpan.FromSeconds(1));

        MessagingConnectionException error = await connecting.Throws<MessagingConnectionException>();
        Assert.True(error.IsTransient);
        Assert.Contains("HandshakeTimeout, 00:00:15", error.Message, StringComparison.Ordinal);
        Assert.True(time.GetUtcNow() - start >= TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Connect_ServerStalls_EndsWithTheToken()
    {
        await using var testing = new TlsTesting();
        var stalled = new TaskCompletionSource();
        string url = testing.Serve(async socket =>
        {
            await socket.ReadAsync(HelloHeader);
            stalled.SetResult();
            Assert.NotEmpty(await socket.ReadToEndAsync()); // the rest of the hello, then the end
        });
        using var cancel = new CancellationTokenSource();

        Task<IConnection> connecting = testing.Client.ConnectAsync(testing.Options(url), cancel.Token).AsTask();
        await stalled.Task.Bounded();
        await cancel.CancelAsync();

        await connecting.ThrowsAny<OperationCanceledException>();
    }

    [Fact]
    public async Task Connect_FirstAddressResets_TakesTheNextOne()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Url = "amqps://127.0.0.1:0");
        int port = ConnectionUrl.Parse(listener.Url).Port;
        Task<int> resetting = ResetAsync(testing, port, connections: 1);

        ITransport transport = await ConnectAsync(testing, listener.Url, ["127.0.0.2", "127.0.0.1"]);

        Assert.Equal(1, await resetting.Bounded());
        Assert.Equal($"127.0.0.1:{port}", transport.RemoteEndPoint);
        Assert.Contains("127.0.0.2", await testing.LoggedAsync(4105), StringComparison.Ordinal);
        await transport.DisposeAsync();
    }

    [Fact]
    public async Task Connect_EveryAddressResets_ListsThem()
    {
        await using var testing = new TlsTesting();
        using Socket reserved = TransportTesting.ReservePort(out int port);
        Task<int> resetting = ResetAsync(testing, port, connections: 1);

        MessagingConnectionException error = await ConnectAsync(testing, $"amqps://localhost:{port}", ["127.0.0.2", "127.0.0.3"]).Throws<MessagingConnectionException>();

        Assert.Equal(1, await resetting.Bounded());
        Assert.Contains($"127.0.0.2:{port}: the connection was reset during the TLS handshake", error.Message, StringComparison.Ordinal);
        Assert.Contains($"127.0.0.3:{port}: Connection refused", error.Message, StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    /// <summary>A balancer without servers, or a listener at its limit: the socket no longer knows whom it was connected to.</summary>
    [Fact]
    public async Task Connect_ResetBeforeTheHandshake_IsTransient()
    {
        await using var testing = new TlsTesting();
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string url = testing.Serve(async socket =>
        {
            await connected.Task.Bounded();
            socket.Reset();
        });

        MessagingConnectionException error = await ConnectAsync(testing, url, ["127.0.0.1"], async (endPoint, stop) =>
        {
            Socket socket = await TcpConnector.ConnectOneAsync(endPoint, stop);
            connected.SetResult();
            await BoundedWaits.UntilAsync(() => socket.Poll(0, SelectMode.SelectRead)); // the reset is here
            return socket;
        }).Throws<MessagingConnectionException>();

        Assert.True(error.IsTransient);
        Assert.Contains($"{url["amqps://".Length..]}: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConnectWithReconnect_Refused_IsNotTriedAgain()
    {
        await using var testing = new TlsTesting();
        int handshakes = 0;
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = _ =>
        {
            Interlocked.Increment(ref handshakes);
            return testing.Certificates.WrongHost();
        });
        ConnectionOptions options = testing.Options(listener.Url);
        options.Reconnect = true;

        await testing.Client.ConnectAsync(options, BoundedWaits.Stop).Throws<TlsException, IConnection>();

        Assert.Equal(1, handshakes);
    }

    private static async Task<MessagingConnectionException> LostAsync(Func<Socket, Task> afterHello)
    {
        await using var testing = new TlsTesting();
        string url = testing.Serve(async socket =>
        {
            byte[] header = await socket.ReadAsync(HelloHeader);
            await socket.ReadAsync((header[3] << 8) | header[4]); // unread input would make the close a reset
            await afterHello(socket);
        });

        MessagingConnectionException error = await testing.FailsAsync<MessagingConnectionException>(url);

        Assert.True(error.IsTransient);
        Assert.Contains(url, error.Message, StringComparison.Ordinal);
        return error;
    }

    private static async Task<ITransport> ConnectAsync(TlsTesting testing, string url, string[] addresses, Func<IPEndPoint, CancellationToken, Task<Socket>>? connect = null)
    {
        ConnectionUrl parsed = ConnectionUrl.Parse(url);
        var settings = new TransportSettings { Logger = testing.Log, Tls = new TlsOptions { TrustedCertificates = testing.Certificates.Roots } };
        TlsClient client = await TlsClient.PrepareAsync(parsed, settings, BoundedWaits.Stop).Bounded();
        var race = new AddressRace(parsed, settings, connect ?? TcpConnector.ConnectOneAsync);
        return await TlsConnector.ConnectAsync(client, [.. addresses.Select(IPAddress.Parse)], race, testing.Log, BoundedWaits.Stop).Bounded();
    }

    /// <summary>Takes connections on another loopback address, and resets each in the middle of its handshake.</summary>
    private static Task<int> ResetAsync(TlsTesting testing, int port, int connections)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsWindows(), "There is one loopback address only.");
        Socket listening = testing.Listen(new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
        return BoundedWaits.Run(async () =>
        {
            for (int i = 0; i < connections; i++)
            {
                using Socket socket = await listening.AcceptAsync(BoundedWaits.Stop);
                await socket.ReadAsync(HelloHeader);
                socket.Reset();
            }

            return connections;
        });
    }
}
