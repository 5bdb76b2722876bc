using System.Net;
using System.Net.Sockets;
using Messaging.Testing.Proxy;

namespace Messaging.Tests.Chaos;

/// <summary>A proxy between two plain sockets, whose bytes the test writes and reads itself.</summary>
internal sealed class ProxyRig : IAsyncDisposable
{
    private readonly TcpListener _target = new(IPAddress.Loopback, 0);

    public ProxyRig(TimeProvider? time = null)
    {
        _target.Start();
        Proxy = new FaultProxy(_target.LocalEndpoint, time);
    }

    public FaultProxy Proxy { get; }

    public Socket Client { get; private set; } = null!;

    public Socket Server { get; private set; } = null!;

    public ProxyConnection Connection { get; private set; } = null!;

    public static async Task<ProxyRig> ConnectAsync(Action<ProxyConnection>? connecting = null, TimeProvider? time = null)
    {
        var rig = new ProxyRig(time);
        rig.Proxy.Connecting = connecting;
        rig.Client = await rig.DialAsync();
        rig.Server = await rig.AcceptAsync();
        rig.Connection = await rig.Proxy.ConnectionAsync(0);
        return rig;
    }

    public async Task<Socket> DialAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Proxy.EndPoint, BoundedWaits.Stop).Bounded();
        return socket;
    }

    public Task<Socket> AcceptAsync() => _target.AcceptSocketAsync(BoundedWaits.Stop).Bounded();

    /// <summary>Reads so many bytes, or those before the end of the stream.</summary>
    public static async Task<byte[]> ReadAsync(Socket socket, int count)
    {
        byte[] buffer = new byte[count];
        int read = 0;
        while (read < count)
        {
            int more = await socket.ReceiveAsync(buffer.AsMemory(read), BoundedWaits.Stop).Bounded();
            if (more == 0)
                break;
            read += more;
        }

        return buffer[..read];
    }

    /// <summary>How a socket's stream ends: "eof" or the socket error.</summary>
    public static async Task<string> EndAsync(Socket socket)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(buffer, BoundedWaits.Stop).Bounded() > 0)
            {
                // what came before the end
            }

            return "eof";
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode.ToString();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        Client?.Dispose();
        Server?.Dispose();
        _target.Dispose();
    }
}
