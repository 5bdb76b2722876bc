using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class TcpTransportTests : TransportContractTests
{
    [Fact]
    public async Task Connect_IPv4_NamesBothEnds()
    {
        await using TransportPair pair = await ConnectAsync();

        Assert.StartsWith("127.0.0.1:", pair.Client.RemoteEndPoint, StringComparison.Ordinal);
        Assert.Equal(pair.Client.LocalEndPoint, pair.Server.RemoteEndPoint);
        Assert.False(pair.Client.IsSecure);
        Assert.False(pair.Client.IsInProcess);
    }

    [Fact]
    public async Task Connect_IPv6_Echoes()
    {
        TransportTesting.RequireIPv6();
        await using TransportPair pair = await TransportPair.TcpAsync(host: "[::1]");

        await pair.Client.Output.WriteAsync("six"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("six", await pair.Server.Input.ReadTextAsync(3));
        Assert.StartsWith("[::1]:", pair.Client.RemoteEndPoint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Write_WhileAnotherWrites_Throws()
    {
        await using TransportPair pair = await ConnectAsync();
        Task<FlushResult> write = pair.Client.Output.WriteAsync(new byte[32 * 1024 * 1024], TransportTesting.Stop).AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Client.Output.WriteAsync(new byte[1], TransportTesting.Stop));

        pair.Client.Abort();
        await Assert.ThrowsAsync<MessagingConnectionException>(() => write.Bounded());
    }

    [Fact]
    public async Task Read_WhileAnotherReads_Throws()
    {
        await using TransportPair pair = await ConnectAsync();
        Task<ReadResult> read = pair.Client.Input.ReadAsync(TransportTesting.Stop).AsTask();

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pair.Client.Input.ReadAsync(TransportTesting.Stop));

        pair.Client.Abort();
        await Assert.ThrowsAsync<MessagingConnectionException>(() => read.Bounded());
    }

    [Fact]
    public async Task LookForInput_NothingThere_TheNextReadIsToldOfASingleByte()
    {
        await using TransportPair pair = await ConnectAsync();
        await ArmOnceAsync(pair);
        Assert.False(pair.Client.LookForInput());

        Task<string> read = pair.Client.Input.ReadTextAsync(1);
        Assert.False(read.IsCompleted);
        await pair.Server.Output.WriteAsync("b"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("b", await read.Bounded());
    }

    [Fact]
    public async Task LookForInput_SeesBytesThatWokeNobody_AndTheReadBehindThemIsTold()
    {
        await using TransportPair pair = await ConnectAsync();
        await ArmOnceAsync(pair);
        Assert.False(pair.Client.LookForInput());
        await pair.Server.Output.WriteAsync("b"u8.ToArray(), TransportTesting.Stop).Bounded();
        await BoundedWaits.UntilAsync(() => pair.Client.LookForInput());

        Assert.Equal("b", await pair.Client.Input.ReadTextAsync(1));
        Task<string> next = pair.Client.Input.ReadTextAsync(1);
        await pair.Server.Output.WriteAsync("c"u8.ToArray(), TransportTesting.Stop).Bounded();

        Assert.Equal("c", await next.Bounded());
    }

    [Fact]
    public async Task LookForInput_ThePeerEnds_TheNextReadEnds()
    {
        await using TransportPair pair = await ConnectAsync();
        await ArmOnceAsync(pair);
        Assert.False(pair.Client.LookForInput());

        await pair.Server.DisposeAsync();

        Assert.True((await pair.Client.Input.ReadAsync(TransportTesting.Stop).AsTask().Bounded()).IsCompleted);
    }

    /// <summary>From its first waiting read on, the runtime is told of what arrives at a socket.</summary>
    private static async Task ArmOnceAsync(TransportPair pair)
    {
        Task<string> read = pair.Client.Input.ReadTextAsync(1);
        await pair.Server.Output.WriteAsync("a"u8.ToArray(), TransportTesting.Stop).Bounded();
        Assert.Equal("a", await read.Bounded());
    }

    [Fact]
    public async Task Dispose_WithUnreadInput_PeerStillReadsTheLastFrame()
    {
        // The clock never fires: only the peer's own end may finish the wait, so the answer cannot have been cut by a reset.
        var settings = new TransportSettings { TimeProvider = new ScriptedTimeProvider(fires: false) };
        await using ITransportListener listener = await TransportFactory.ListenAsync(TransportTesting.Url("127.0.0.1:0"), settings, TransportTesting.Stop).Bounded();
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(IPAddress.Loopback, TransportTesting.Url(listener.Url).Port, TransportTesting.Stop);
        ITransport transport = (await listener.AcceptAsync(TransportTesting.Stop).Bounded())!;
        await peer.SendAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray().AsMemory(), SocketFlags.None, TransportTesting.Stop);
        await transport.Input.ReadExactlyAsync(1); // all of it is here, most of it stays unread
        await peer.SendAsync(new byte[50_000].AsMemory(), SocketFlags.None, TransportTesting.Stop);

        await transport.Output.WriteAsync("AMQP\0\x01\0\0"u8.ToArray(), TransportTesting.Stop).Bounded();
        Task disposing = transport.DisposeAsync().AsTask();
        byte[] answer = new byte[100];
        int count = await peer.ReceiveAsync(answer.AsMemory(), SocketFlags.None, TransportTesting.Stop);
        int end = await peer.ReceiveAsync(answer.AsMemory(count), SocketFlags.None, TransportTesting.Stop);
        peer.Close();
        await disposing.Bounded();

        Assert.Equal((8, 0), (count, end));
    }

    [Fact]
    public async Task Dispose_PeerTalksOnForEver_GivesUpAfterTheTimeout()
    {
        var time = new ScriptedTimeProvider(fires: true);
        await using TransportPair pair = await TransportPair.TcpAsync(new TransportSettings { TimeProvider = time });
        await pair.Client.Output.WriteAsync(new byte[100_000], TransportTesting.Stop).Bounded();
        await pair.Server.Input.ReadExactlyAsync(1);

        await pair.Server.DisposeAsync().Bounded();

        Assert.Contains(TimeSpan.FromSeconds(1), time.Timers);
    }

    /// <summary>As a listener's TLS does not: the alert of a handshake that fails goes out before the socket is closed.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Dispose_StreamDoesNotOwnTheSocket_ClosesIt(bool isAborted)
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen();
        using Socket far = await TcpConnector.ConnectOneAsync((IPEndPoint)listening.LocalEndPoint!, TransportTesting.Stop);
        Socket near = await listening.AcceptAsync(TransportTesting.Stop);
        var transport = new StreamTransport(near, new NetworkStream(near, ownsSocket: false), new TransportSettings());
        Task<ReadResult> reading = transport.Input.ReadAsync(TransportTesting.Stop).AsTask();
        Assert.False(reading.IsCompleted);

        if (isAborted)
            transport.Abort();
        await transport.DisposeAsync().Bounded();

        Assert.True(near.SafeHandle.IsClosed);
        await Assert.ThrowsAnyAsync<Exception>(() => reading.Bounded());
    }

    [Fact]
    public async Task Read_PeerSendsNothing_TakesOnlyASmallBuffer()
    {
        await using TransportPair pair = await ConnectAsync();
        await pair.Client.Output.WriteAsync("x"u8.ToArray(), TransportTesting.Stop).Bounded();

        ReadResult result = await pair.Server.Input.ReadAsync(TransportTesting.Stop).Bounded();
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(result.Buffer.First, out ArraySegment<byte> segment);

        Assert.Equal(4096, segment.Array!.Length);
    }

    private protected override Task<TransportPair> ConnectAsync() => TransportPair.TcpAsync();
}
