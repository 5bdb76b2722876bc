using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Messaging.Transport;

namespace Messaging.Tests.Transport;

public sealed class AcceptLoopTests
{
    private readonly Channel<ITransport> _accepted = Channel.CreateUnbounded<ITransport>();
    private readonly ScriptedTimeProvider _time = new(fires: true);

    [Fact]
    public async Task Run_OutOfFileHandles_PausesAndGoesOn()
    {
        (Socket connected, Socket other) = await SocketPairAsync();
        using Socket peer = other;

        await RunAsync(
            _ => throw new SocketException((int)SocketError.TooManyOpenSockets),
            _ => throw new SocketException((int)SocketError.NoBufferSpaceAvailable),
            _ => ValueTask.FromResult(connected));

        Assert.Equal(2, _time.Timers.Count);
        Assert.All(_time.Timers, pause => Assert.Equal(TimeSpan.FromMilliseconds(100), pause));
        Assert.True(_accepted.Reader.TryRead(out ITransport? transport));
        transport.Abort();
    }

    /// <summary>What nobody has thought of may last: the loop neither ends nor spins.</summary>
    [Fact]
    public async Task Run_AnyOtherException_PausesAndGoesOn()
    {
        (Socket connected, Socket other) = await SocketPairAsync();
        using Socket peer = other;

        await RunAsync(
            _ => throw new InvalidOperationException("nobody has thought of it"),
            _ => ValueTask.FromException<Socket>(new OutOfMemoryException()),
            _ => ValueTask.FromResult(connected));

        Assert.Equal([TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100)], _time.Timers);
        Assert.True(_accepted.Reader.TryRead(out ITransport? transport));
        transport.Abort();
    }

    [Fact]
    public async Task Run_ConnectionGoneBeforeItWasAccepted_GoesOnWithoutAPause()
    {
        (Socket connected, Socket other) = await SocketPairAsync();
        using Socket peer = other;
        (Socket closed, Socket gone) = await SocketPairAsync();
        gone.Dispose();
        closed.Dispose();

        await RunAsync(
            _ => throw new SocketException((int)SocketError.ConnectionAborted),
            _ => throw new SocketException((int)SocketError.ConnectionReset),
            _ => ValueTask.FromResult(closed),
            _ => ValueTask.FromResult(connected));

        Assert.Empty(_time.Timers);
        Assert.True(_accepted.Reader.TryRead(out ITransport? transport));
        transport.Abort();
    }

    private static async Task<(Socket Accepted, Socket Peer)> SocketPairAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(listener.LocalEndPoint!, TransportTesting.Stop);
        return (await listener.AcceptAsync(TransportTesting.Stop), peer);
    }

    /// <summary>Plays the answers of accept one after the other, then stops the loop.</summary>
    private async Task RunAsync(params Func<CancellationToken, ValueTask<Socket>>[] answers)
    {
        using var stop = new CancellationTokenSource();
        var script = new Queue<Func<CancellationToken, ValueTask<Socket>>>(answers);
        var loop = new AcceptLoop("amqp://test:1", new TransportSettings { TimeProvider = _time }, Accept, _accepted.Writer);

        await loop.RunAsync(stop.Token).Bounded();

        ValueTask<Socket> Accept(CancellationToken token)
        {
            if (script.TryDequeue(out Func<CancellationToken, ValueTask<Socket>>? answer)) return answer(token);
            stop.Cancel();
            return ValueTask.FromCanceled<Socket>(token);
        }
    }
}
