using System.Net;
using System.Net.Sockets;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class TcpConnectTests
{
    private static readonly TransportSettings Settings = new();

    [Fact]
    public async Task Connect_NobodyListens_NamesTheAddressAndTheReason()
    {
        using Socket reserved = TransportTesting.ReservePort(out int port);

        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => ConnectAsync($"amqp://alice:secret@127.0.0.1:{port}"));

        Assert.Contains($"127.0.0.1:{port}: Connection refused (ConnectionRefused)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task Connect_UnknownHost_SaysThatTheNameIsUnknown()
    {
        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => ConnectAsync("amqp://" + new string('a', 70) + ".invalid")); // a label over 63 asks no server

        Assert.Contains("cannot be resolved", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NameWithSeveralAddresses_TriesEveryOneAndResolvesAnewEachTime()
    {
        await using ITransportListener listener = await TransportFactory.ListenAsync(TransportTesting.Url("127.0.0.1:0"), Settings, TransportTesting.Stop).Bounded();
        ConnectionUrl url = TransportTesting.Url($"moving.example:{new Uri(listener.Url).Port}");
        IPAddress dead = IPAddress.Parse("127.0.0.2");
        var answers = new Queue<IPAddress[]>([[dead], [dead, IPAddress.Loopback]]);
        TransportSettings settings = Settings with { Resolve = (host, _) => Task.FromResult(host == "moving.example" ? answers.Dequeue() : []) };

        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(async () => await TransportFactory.ConnectAsync(url, settings, TransportTesting.Stop).Bounded());
        await using ITransport connected = await TransportFactory.ConnectAsync(url, settings, TransportTesting.Stop).Bounded();

        Assert.Contains($"127.0.0.2:{url.Port}: ", error.Message, StringComparison.Ordinal);
        Assert.Equal($"127.0.0.1:{url.Port}", connected.RemoteEndPoint);
    }

    [Fact]
    public async Task Connect_PortZero_Throws()
    {
        MessagingConnectionException error = await Assert.ThrowsAsync<MessagingConnectionException>(() => ConnectAsync("amqp://127.0.0.1:0"));

        Assert.False(error.IsTransient);
    }

    [Fact]
    public async Task Connect_CancelledBefore_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => TransportFactory.ConnectAsync(TransportTesting.Url("127.0.0.1"), Settings, new CancellationToken(canceled: true)).Bounded());

    [Theory]
    [InlineData("ws://localhost")]
    [InlineData("wss://localhost")]
    public async Task ConnectAndListen_SchemeNotBuilt_SaysSo(string url)
    {
        NotSupportedException connecting = await Assert.ThrowsAsync<NotSupportedException>(() => ConnectAsync(url));
        NotSupportedException listening = await Assert.ThrowsAsync<NotSupportedException>(async () => await TransportFactory.ListenAsync(TransportTesting.Url(url), Settings, TransportTesting.Stop));

        Assert.Contains("not supported yet", connecting.Message, StringComparison.Ordinal);
        Assert.Contains("not supported yet", listening.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_BufferSizesGiven_SetsThem()
    {
        await using TransportPair pair = await TransportPair.TcpAsync(new TransportSettings { SendBufferSize = 32 * 1024, ReceiveBufferSize = 32 * 1024 });

        await pair.Client.Output.WriteAsync("ok"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("ok", await pair.Server.Input.ReadTextAsync(2));
    }

    private static async Task<ITransport> ConnectAsync(string url) => await TransportFactory.ConnectAsync(TransportTesting.Url(url), Settings, TransportTesting.Stop).Bounded();
}
