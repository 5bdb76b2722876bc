using System.Net;
using System.Net.Sockets;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class TcpListenerTests
{
    private static readonly TransportSettings Settings = new();

    [Theory]
    [InlineData("localhost:0", "amqp://localhost:")]
    [InlineData("amqp://alice:secret@127.0.0.1:0/queue", "amqp://127.0.0.1:")]
    [InlineData("0.0.0.0:0", "amqp://0.0.0.0:")]
    public async Task Url_PortZero_ShowsTheRealPortAndNoSecret(string url, string expected)
    {
        await using ITransportListener listener = await ListenAsync(url);

        ConnectionUrl real = TransportTesting.Url(listener.Url);

        Assert.Equal(expected + real.Port, listener.Url);
        Assert.NotEqual(0, real.Port);
    }

    [Fact]
    public async Task Listen_Localhost_ListensOnBothLoopbackAddresses()
    {
        TransportTesting.RequireIPv6();
        await using ITransportListener listener = await ListenAsync("localhost:0");
        int port = TransportTesting.Url(listener.Url).Port;

        foreach (string host in new[] { "127.0.0.1", "[::1]", "localhost" })
        {
            await using ITransport client = await ConnectAsync($"amqp://{host}:{port}");
            await using ITransport? server = await listener.AcceptAsync(TransportTesting.Stop).Bounded();
            Assert.Equal(client.LocalEndPoint, server!.RemoteEndPoint);
        }
    }

    [Fact]
    public async Task Listen_AnyIPv6_TakesIPv4AndShowsItAsSuch()
    {
        TransportTesting.RequireIPv6();
        await using ITransportListener listener = await ListenAsync("[::]:0");

        await using ITransport client = await ConnectAsync($"127.0.0.1:{TransportTesting.Url(listener.Url).Port}");
        await using ITransport? server = await listener.AcceptAsync(TransportTesting.Stop).Bounded();

        Assert.StartsWith("127.0.0.1:", server!.RemoteEndPoint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listen_PortTaken_SaysSo()
    {
        await using ITransportListener first = await ListenAsync("127.0.0.1:0");

        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => ListenAsync(first.Url));

        Assert.Contains(first.Url, error.Message, StringComparison.Ordinal);
        Assert.Contains("something listens there already", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Listen_AddressOfAnotherMachine_SaysSo()
    {
        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => ListenAsync("192.0.2.1:0"));

        Assert.Contains("does not have that address", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task Listen_AgainAfterDispose_TakesTheSamePortAtOnce()
    {
        ITransportListener first = await ListenAsync("127.0.0.1:0");
        await using (ITransport client = await ConnectAsync(first.Url))
        {
            await using ITransport? server = await first.AcceptAsync(TransportTesting.Stop).Bounded();
        }

        await first.DisposeAsync().Bounded();
        await using ITransportListener second = await ListenAsync(first.Url);

        Assert.Equal(first.Url, second.Url);
    }

    [Fact]
    public async Task Listen_CancelledBefore_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TransportFactory.ListenAsync(TransportTesting.Url("127.0.0.1:0"), Settings, new CancellationToken(canceled: true)).Bounded());

    [Fact]
    public async Task Accept_DisposedMeanwhile_ReturnsNull()
    {
        ITransportListener listener = await ListenAsync("127.0.0.1:0");
        Task<ITransport?> accept = listener.AcceptAsync(TransportTesting.Stop).AsTask();

        await Task.WhenAll(listener.DisposeAsync().AsTask(), listener.DisposeAsync().AsTask()).Bounded();

        Assert.Null(await accept.Bounded());
        Assert.Null(await listener.AcceptAsync(TransportTesting.Stop).Bounded());
    }

    [Fact]
    public async Task Accept_Cancelled_KeepsTheConnectionForTheNextCall()
    {
        await using ITransportListener listener = await ListenAsync("127.0.0.1:0");
        using var cancel = new CancellationTokenSource();
        Task<ITransport?> accept = listener.AcceptAsync(cancel.Token).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accept.Bounded());
        await using ITransport client = await ConnectAsync(listener.Url);
        await using ITransport? server = await listener.AcceptAsync(TransportTesting.Stop).Bounded();

        Assert.Equal(client.LocalEndPoint, server!.RemoteEndPoint);
    }

    [Fact]
    public async Task Accept_ClientsThatReset_DoNotStopTheListener()
    {
        await using ITransportListener listener = await ListenAsync("127.0.0.1:0");
        ConnectionUrl url = TransportTesting.Url(listener.Url);
        for (int i = 0; i < 30; i++)
        {
            using var rude = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(enable: true, seconds: 0) };
            await rude.ConnectAsync(IPAddress.Loopback, url.Port, TransportTesting.Stop);
        }

        await using ITransport client = await ConnectAsync(listener.Url);
        ITransport? server = null;
        while (server?.RemoteEndPoint != client.LocalEndPoint)
        {
            server?.Abort();
            server = await listener.AcceptAsync(TransportTesting.Stop).Bounded();
            Assert.NotNull(server);
        }

        await client.Output.WriteAsync("still here"u8.ToArray(), TransportTesting.Stop).Bounded();
        Assert.Equal("still here", await server.Input.ReadTextAsync(10));
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Dispose_ConnectionNotAccepted_EndsIt()
    {
        ITransportListener listener = await ListenAsync("127.0.0.1:0");
        await using ITransport client = await ConnectAsync(listener.Url);

        await listener.DisposeAsync().Bounded();

        await Assert.ThrowsAsync<MessagingConnectionException>(() => client.Input.ReadAsync(TransportTesting.Stop).Bounded());
    }

    private static async Task<ITransportListener> ListenAsync(string url) => await TransportFactory.ListenAsync(TransportTesting.Url(url), Settings, TransportTesting.Stop).Bounded();

    private static async Task<ITransport> ConnectAsync(string url) => await TransportFactory.ConnectAsync(TransportTesting.Url(url), Settings, TransportTesting.Stop).Bounded();
}
