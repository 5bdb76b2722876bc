using System.Net;
using System.Net.Sockets;

namespace Messaging.Testing.Proxy;

/// <summary>A port of the system's choice that stays ours while nobody listens on it: connections are then refused.</summary>
internal sealed class ProxyListener : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Socket _reservation = NewSocket();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _listening;

    public ProxyListener()
    {
        _reservation.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_reservation.LocalEndPoint!;
        Listen(true);
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Opens or closes the port; connections that wait to be accepted are reset.</summary>
    public void Listen(bool on)
    {
        lock (_lock)
        {
            if (on == _listening is not null)
                return;
            _listening?.Dispose();
            _listening = on ? Open() : null;
            _changed.TrySetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public async Task<Socket> AcceptAsync(CancellationToken stop)
    {
        while (true)
        {
            (Socket? listening, Task changed) = Current();
            if (listening is null)
            {
                await changed.WaitAsync(stop);
                continue;
            }

            try
            {
                return await listening.AcceptAsync(stop);
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException && !stop.IsCancellationRequested)
            {
                // closed meanwhile, or the connection was gone before it was accepted
            }
        }
    }

    public void Dispose()
    {
        Listen(false);
        _reservation.Dispose();
    }

    private static Socket NewSocket()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        return socket;
    }

    private Socket Open()
    {
        Socket socket = NewSocket();
        socket.Bind(EndPoint);
        socket.Listen();
        return socket;
    }

    private (Socket? Listening, Task Changed) Current()
    {
        lock (_lock)
            return (_listening, _changed.Task);
    }
}
