using System.Net;
using System.Net.Sockets;

namespace Messaging.Testing.Proxy;

/// <summary>A client's connection that runs through a <see cref="FaultProxy"/>. Faults may come from any thread and at any moment.</summary>
public sealed class ProxyConnection
{
    private readonly Socket _client;
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _copy;
    private bool _wantsCopy;

    internal ProxyConnection(int index, Socket client, FaultProxy proxy)
    {
        Index = index;
        _client = client;
        _client.NoDelay = true;
        ToServer = new ProxyWay(this, $"to the server on connection {index}", proxy.ToServer, proxy.Time);
        ToClient = new ProxyWay(this, $"to the client on connection {index}", proxy.ToClient, proxy.Time);
    }

    /// <summary>0 for the first connection of the proxy.</summary>
    public int Index { get; }

    /// <summary>What the client sends.</summary>
    public ProxyWay ToServer { get; }

    /// <summary>What the server sends.</summary>
    public ProxyWay ToClient { get; }

    /// <summary>Completes when nothing is left of the connection; never faults.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Ends both ways in order (FIN).</summary>
    public void Drop()
    {
        ToServer.Finish();
        ToClient.Finish();
    }

    /// <summary>Ends both sides abruptly (RST).</summary>
    public void Reset()
    {
        Abort(_client);
        Abort(_server);
        _stop.Cancel();
    }

    /// <summary>Swallows everything, both ways, and keeps both sides open: the cable is pulled.</summary>
    public void Swallow()
    {
        ToServer.Swallow();
        ToClient.Swallow();
    }

    /// <summary>Keeps everything back, both ways, until <see cref="Release"/>.</summary>
    public void Hold()
    {
        ToServer.Hold();
        ToClient.Hold();
    }

    public void Release()
    {
        ToServer.Release();
        ToClient.Release();
    }

    /// <summary>Opens a second connection to the server that sends the same bytes; only in <see cref="FaultProxy.Connecting"/>, before the first byte.</summary>
    public void Duplicate() => _wantsCopy = true;

    /// <summary>A fault by its name, for plans and theories.</summary>
    public void Apply(Fault fault)
    {
        switch (fault)
        {
            case Fault.Drop:
                Drop();
                break;
            case Fault.Reset:
                Reset();
                break;
            case Fault.HalfCloseToServer:
                ToServer.Finish();
                break;
            case Fault.HalfCloseToClient:
                ToClient.Finish();
                break;
            case Fault.Swallow:
                Swallow();
                break;
            case Fault.SwallowToServer:
                ToServer.Swallow();
                break;
            case Fault.SwallowToClient:
                ToClient.Swallow();
                break;
            case Fault.Hold:
                Hold();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault, "This is no fault.");
        }
    }

    internal async Task RunAsync(EndPoint target)
    {
        try
        {
            await _server.ConnectAsync(target, _stop.Token);
            if (_wantsCopy)
                await ConnectCopyAsync(target);
            await Task.WhenAll(
                PumpAsync(new WayPump(this, ToServer, _client, WriteToServerAsync), ToServer, _server),
                PumpAsync(new WayPump(this, ToClient, _server, (bytes, stop) => WriteAsync(_client, bytes, stop)), ToClient, _client));
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            Abort(_client); // the target is not there: the client sees what it would have seen
        }
        finally
        {
            End();
        }
    }

    internal void FinishWay(ProxyWay way) => Finish(way == ToServer ? _server : _client);

    internal void Kill() => Reset();

    private static void Finish(Socket socket)
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // it has ended already
        }
    }

    private static void Abort(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // closed already
        }

        socket.Dispose();
    }

    private static async ValueTask WriteAsync(Socket to, ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[await to.SendAsync(bytes, stop)..];
    }

    private static bool IsEnd(Exception exception) => exception is SocketException or ObjectDisposedException or OperationCanceledException;

    private async ValueTask WriteToServerAsync(ReadOnlyMemory<byte> bytes, CancellationToken stop)
    {
        await WriteAsync(_server, bytes, stop);
        if (_copy is not null)
            await WriteAsync(_copy, bytes, stop);
    }

    private async Task PumpAsync(WayPump pump, ProxyWay way, Socket to)
    {
        try
        {
            await pump.RunAsync(_stop.Token);
            if (!way.IsSwallowing)
                Finish(to);
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            if (!way.IsSwallowing)
                Reset(); // an abrupt end is passed on as one
        }
    }

    private async Task ConnectCopyAsync(EndPoint target)
    {
        _copy = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _copy.ConnectAsync(target, _stop.Token);
        _ = IgnoreAsync(_copy);
    }

    /// <summary>Reads the answers to the copy, which nobody wants.</summary>
    private async Task IgnoreAsync(Socket copy)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (await copy.ReceiveAsync(buffer, _stop.Token) > 0)
            {
                // on to the next
            }
        }
        catch (Exception exception) when (IsEnd(exception))
        {
            // the end of it
        }
    }

    private void End()
    {
        _client.Dispose();
        _server.Dispose();
        _copy?.Dispose();
        ToServer.Abandon();
        ToClient.Abandon();
        _ended.TrySetResult();
    }
}
