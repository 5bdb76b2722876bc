using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Messaging.Transport;

/// <summary>Listens on TCP; <c>localhost</c> is both loopback addresses under one port.</summary>
internal sealed class TcpTransportListener : ITransportListener
{
    private readonly List<Socket> _sockets;
    private readonly TransportSettings _settings;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loops;

    // One place only: what nobody asks for yet stays in the kernel's backlog, where the peer sees it as not accepted.
    private readonly Channel<ITransport> _accepted = Channel.CreateBounded<ITransport>(1);
    private int _disposed;

    private TcpTransportListener(string url, List<Socket> sockets, TransportSettings settings, Func<Socket, ITransport>? wrap)
    {
        Url = url;
        _sockets = sockets;
        _settings = settings;
        _loops = Task.WhenAll(sockets.Select(s => new AcceptLoop(url, settings, s.AcceptAsync, _accepted.Writer, wrap).RunAsync(_stop.Token)));
    }

    public string Url { get; }

    /// <param name="url">Where to listen.</param>
    /// <param name="settings">What every transport is made with.</param>
    /// <param name="cancellationToken">Ends the resolving of the name.</param>
    /// <param name="wrap">Makes a transport of an accepted socket; by default one in clear text.</param>
    public static async ValueTask<ITransportListener> StartAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken, Func<Socket, ITransport>? wrap = null)
    {
        List<Socket> sockets = await ListenSockets.BindAsync(url, settings.Backlog, cancellationToken).ConfigureAwait(false);
        int port = ((IPEndPoint)sockets[0].LocalEndPoint!).Port;
        string endpoint = new ConnectionUrl(url.Scheme, url.Host, port, user: null, password: null, path: null).Endpoint;
        TransportLog.Listening(settings.Logger, endpoint, string.Join(", ", sockets.Select(s => s.LocalEndPoint)));
        return new TcpTransportListener(endpoint, sockets, settings, wrap);
    }

    public async ValueTask<ITransport?> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            await _loops.ConfigureAwait(false);
            return;
        }

        await _stop.CancelAsync().ConfigureAwait(false);
        foreach (Socket socket in _sockets) socket.Dispose();
        await _loops.ConfigureAwait(false);
        _accepted.Writer.Complete();
        while (_accepted.Reader.TryRead(out ITransport? unclaimed)) unclaimed.Abort();
        _stop.Dispose();
        TransportLog.StoppedListening(_settings.Logger, Url);
    }
}
