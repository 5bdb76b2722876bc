using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Messaging.Testing.Proxy;

/// <summary>A TCP proxy on loopback that knows AMQP's frames and does to connections what networks, firewalls and dying servers do.</summary>
/// <remarks>It hands bytes on unchanged, in order, and at once, unless it was told otherwise. TLS passes too, but then no frames are seen.</remarks>
public sealed class FaultProxy : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly ProxyListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _running = [];
    private readonly ConcurrentBag<Socket> _hanging = [];
    private readonly Lock _lock = new();
    private readonly List<ProxyConnection> _connections = [];
    private readonly Task _accepting;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Admission _admission;
    private int _attempts;
    private bool _isDisposed;

    /// <summary>Starts a proxy before the server of a URL, of which only host and port count.</summary>
    public FaultProxy(string targetUrl, TimeProvider? time = null)
        : this(ToEndPoint(targetUrl), time)
    {
    }

    public FaultProxy(EndPoint target, TimeProvider? time = null)
    {
        Target = target;
        Time = time ?? TimeProvider.System;
        _accepting = AcceptAllAsync();
    }

    /// <summary>Where connections lead from now on; those that are open stay where they are.</summary>
    public EndPoint Target { get; set; }

    public IPEndPoint EndPoint => _listener.EndPoint;

    public string Url => $"amqp://{EndPoint}";

    /// <summary>Frames of all connections that the clients sent.</summary>
    public FrameCounts ToServer { get; } = new("to the server");

    /// <summary>Frames of all connections that the servers sent.</summary>
    public FrameCounts ToClient { get; } = new("to the client");

    /// <summary>Called for each connection before its first byte passes: the place for rules.</summary>
    public Action<ProxyConnection>? Connecting { get; set; }

    /// <summary>What is done with a connection that arrives. Connections that are open stay.</summary>
    public Admission Admission
    {
        get => _admission;
        set
        {
            _admission = value;
            _listener.Listen(value != Admission.Refuse);
        }
    }

    /// <summary>The connections so far, ended ones included, in the order of their arrival.</summary>
    public IReadOnlyList<ProxyConnection> Connections
    {
        get
        {
            lock (_lock)
                return [.. _connections];
        }
    }

    /// <summary>The connections that arrived and were passed, closed, reset or left hanging.</summary>
    public int Attempts => Volatile.Read(ref _attempts);

    internal TimeProvider Time { get; }

    /// <summary>The connection of this number, when it has arrived.</summary>
    public async Task<ProxyConnection> ConnectionAsync(int index)
    {
        while (true)
        {
            (ProxyConnection? connection, Task arrived) = Find(index);
            if (connection is not null)
                return connection;
            await arrived.WaitAsync(Limit, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Does something to every connection that is open.</summary>
    public void ForAll(Action<ProxyConnection> fault)
    {
        foreach (ProxyConnection connection in Connections.Where(connection => !connection.Ended.IsCompleted))
            fault(connection);
    }

    public void DropAll() => ForAll(connection => connection.Drop());

    public void ResetAll() => ForAll(connection => connection.Reset());

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
            return;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        ForAll(connection => connection.Kill());
        await Task.WhenAll(_running);
        foreach (Socket socket in _hanging)
            socket.Dispose();
        _stop.Dispose();
    }

    /// <summary>Sends a FIN and reads what still comes: closing with unread bytes would reset.</summary>
    private async Task CloseInOrderAsync(Socket client)
    {
        byte[] buffer = new byte[4096];
        using (client)
        {
            try
            {
                client.Shutdown(SocketShutdown.Send);
                while (await client.ReceiveAsync(buffer, _stop.Token) > 0)
                {
                    // on to the next
                }
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // gone already, or the proxy ends
            }
        }
    }

    private static EndPoint ToEndPoint(string url)
    {
        var uri = new Uri(url);
        return IPAddress.TryParse(uri.Host, out IPAddress? address) ? new IPEndPoint(address, uri.Port) : new DnsEndPoint(uri.Host, uri.Port);
    }

    private async Task AcceptAllAsync()
    {
        try
        {
            while (true)
                Admit(await _listener.AcceptAsync(_stop.Token));
        }
        catch (Exception exception) when (_stop.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // disposed
        }
    }

    private void Admit(Socket client)
    {
        Interlocked.Increment(ref _attempts);
        switch (Admission)
        {
            case Admission.Pass:
                Pass(client);
                break;
            case Admission.AcceptAndHang:
                _hanging.Add(client);
                break;
            case Admission.AcceptAndClose:
                _running.Add(CloseInOrderAsync(client));
                break;
            default:
                client.LingerState = new LingerOption(enable: true, 0);
                client.Dispose();
                break;
        }
    }

    private void Pass(Socket client)
    {
        ProxyConnection connection;
        TaskCompletionSource arrived;
        lock (_lock)
            connection = new ProxyConnection(_connections.Count, client, this);
        Connecting?.Invoke(connection);
        lock (_lock)
        {
            _connections.Add(connection);
            arrived = _arrived;
            _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        _running.Add(connection.RunAsync(Target));
        arrived.TrySetResult();
    }

    private (ProxyConnection? Connection, Task Arrived) Find(int index)
    {
        lock (_lock)
            return (index < _connections.Count ? _connections[index] : null, _arrived.Task);
    }
}
