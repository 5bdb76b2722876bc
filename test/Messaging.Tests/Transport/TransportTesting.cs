using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

internal static class TransportTesting
{
    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static ConnectionUrl Url(string text) => ConnectionUrl.Parse(text);

    public static void RequireIPv6()
    {
        bool available = Socket.OSSupportsIPv6;
        try
        {
            using var probe = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            probe.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        }
        catch (SocketException)
        {
            available = false;
        }

        Assert.SkipUnless(available, "skipped: this machine has no IPv6 loopback address ::1");
    }

    /// <summary>A port that refuses connections for as long as the socket lives: bound, not listening.</summary>
    public static Socket ReservePort(out int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        return socket;
    }

    public static async Task<byte[]> ReadExactlyAsync(this PipeReader input, int count)
    {
        ReadResult result = await input.ReadAtLeastAsync(count, Stop).Bounded();
        Assert.True(result.Buffer.Length >= count, $"The stream ended after {result.Buffer.Length} of {count} bytes.");
        byte[] bytes = result.Buffer.Slice(0, count).ToArray();
        input.AdvanceTo(result.Buffer.GetPosition(count));
        return bytes;
    }

    public static async Task<string> ReadTextAsync(this PipeReader input, int count) => Encoding.ASCII.GetString(await input.ReadExactlyAsync(count));

    public static async Task AssertEndAsync(this PipeReader input)
    {
        ReadResult result = await input.ReadAsync(Stop).Bounded();
        Assert.True(result.IsCompleted);
        Assert.True(result.Buffer.IsEmpty);
        input.AdvanceTo(result.Buffer.End);
    }

    public static byte[] Pattern(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}

/// <summary>Two ends of one stream; ended hard, so that a failed test leaves nothing behind.</summary>
internal sealed record TransportPair(ITransport Client, ITransport Server) : IAsyncDisposable
{
    public static async Task<TransportPair> TcpAsync(TransportSettings? settings = null, string host = "127.0.0.1")
    {
        settings ??= new TransportSettings();
        await using ITransportListener listener = await TransportFactory.ListenAsync(TransportTesting.Url($"amqp://{host}:0"), settings, TransportTesting.Stop).Bounded();
        ValueTask<ITransport?> accept = listener.AcceptAsync(TransportTesting.Stop);
        ITransport client = await TransportFactory.ConnectAsync(TransportTesting.Url(listener.Url), settings, TransportTesting.Stop).Bounded();
        return new TransportPair(client, Assert.IsAssignableFrom<ITransport>(await accept.Bounded()));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Abort();
        Server.Abort();
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}

/// <summary>A clock whose timers fire at once, or never.</summary>
internal sealed class ScriptedTimeProvider(bool fires) : TimeProvider
{
    public List<TimeSpan> Timers { get; } = [];

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (Timers) Timers.Add(dueTime);
        return base.CreateTimer(callback, state, fires && dueTime != Timeout.InfiniteTimeSpan ? TimeSpan.Zero : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
