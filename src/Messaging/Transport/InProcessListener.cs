using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;

namespace Messaging.Transport;

/// <summary>The listeners of <c>inproc://name</c>, known to the whole process by their names.</summary>
internal sealed class InProcessListener : ITransportListener
{
    private static readonly ConcurrentDictionary<string, InProcessListener> Listeners = new(StringComparer.Ordinal);

    private readonly string _name;
    private readonly TransportSettings _settings;
    private readonly Channel<ITransport> _waiting;
    private int _connections;

    private InProcessListener(string name, string url, TransportSettings settings)
    {
        _name = name;
        Url = url;
        _settings = settings;
        _waiting = Channel.CreateBounded<ITransport>(settings.Backlog);
    }

    public string Url { get; }

    public static InProcessListener Start(ConnectionUrl url, TransportSettings settings)
    {
        var listener = new InProcessListener(url.Host, url.Endpoint, settings);
        if (!Listeners.TryAdd(url.Host, listener))
            throw new MessagingConnectionException($"Cannot listen on {url.Endpoint}: a listener of this process has that name already. Dispose it, or use another name.");

        TransportLog.Listening(settings.Logger, url.Endpoint, "in process");
        return listener;
    }

    public static async ValueTask<ITransport> ConnectAsync(ConnectionUrl url, TransportSettings settings, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!Listeners.TryGetValue(url.Host, out InProcessListener? listener)) throw NobodyListens(url);

        string client = string.Create(CultureInfo.InvariantCulture, $"{url.Endpoint}/client-{Interlocked.Increment(ref listener._connections)}");
        (ITransport clientSide, ITransport serverSide) = InProcessTransport.CreatePair(settings, listener.Url, client);
        try
        {
            await listener._waiting.Writer.WriteAsync(serverSide, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw NobodyListens(url);
        }

        TransportLog.Connected(settings.Logger, client, listener.Url);
        return clientSide;
    }

    public async ValueTask<ITransport?> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            ITransport transport = await _waiting.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            TransportLog.Accepted(_settings.Logger, Url, transport.RemoteEndPoint);
            return transport;
        }
        catch (ChannelClosedException)
        {
            return null;
        }
    }

    public ValueTask DisposeAsync()
    {
        if (!Listeners.TryRemove(KeyValuePair.Create(_name, this))) return ValueTask.CompletedTask;

        _waiting.Writer.TryComplete();
        while (_waiting.Reader.TryRead(out ITransport? unclaimed)) unclaimed.Abort();
        TransportLog.StoppedListening(_settings.Logger, Url);
        return ValueTask.CompletedTask;
    }

    private static MessagingConnectionException NobodyListens(ConnectionUrl url) =>
        new($"Cannot connect to {url.Endpoint}: no listener of this process has that name. Start it with ListenAsync first.");
}
