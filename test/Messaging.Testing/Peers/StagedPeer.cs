using System.Collections.Concurrent;
using Messaging.Transport;

namespace Messaging.Testing.Peers;

/// <summary>An AMQP server over TCP, good enough for a client, that dies on each connection when and how its script says.</summary>
/// <remarks>It accepts every message that it is sent, and gives those of <see cref="Send"/> to whoever receives.</remarks>
public sealed class StagedPeer : IAsyncDisposable
{
    private readonly ITransportListener _listener;
    private readonly PeerScript[] _scripts;
    private readonly Lock _lock = new();
    private readonly List<StagedConnection> _connections = [];
    private readonly List<Task> _running = [];
    private readonly Task _accepting;
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private StagedPeer(ITransportListener listener, PeerScript[] scripts)
    {
        _listener = listener;
        _scripts = scripts;
        _accepting = AcceptAllAsync();
    }

    public string Url => _listener.Url;

    /// <summary>The connections that have arrived.</summary>
    public int Connections
    {
        get
        {
            lock (_lock)
                return _connections.Count;
        }
    }

    /// <summary>The messages that were received whole, as encoded.</summary>
    public ConcurrentQueue<byte[]> Received { get; } = [];

    /// <summary>The messages of <see cref="Send"/> that a client has settled.</summary>
    public int Settled => Volatile.Read(ref _settled);

    /// <summary>The largest frame that it takes: small to have messages split.</summary>
    public uint MaxFrameSize { get; init; } = 512;

    /// <summary>The credit it keeps at every sender.</summary>
    public uint Credit { get; init; } = 100;

    internal Outbox Outbox { get; } = new();

    private int _settled;

    /// <summary>Listens on a port of the system's choice.</summary>
    /// <param name="scripts">For the first connection, the second, and so on; later connections find a peer that behaves.</param>
    public static async Task<StagedPeer> ListenAsync(params PeerScript[] scripts) =>
        new(await TransportFactory.ListenAsync(ConnectionUrl.Parse("amqp://127.0.0.1:0"), new TransportSettings(), BoundedWaits.Stop).Bounded(), scripts);

    /// <summary>Gives a message to the next receiver that grants credit.</summary>
    public void Send(Message message) => Outbox.Add(message);

    /// <summary>Completes when the connection of this number has come to its script's moment.</summary>
    public async Task DiedAsync(int connection = 0) => await (await FindAsync(connection)).Died.Bounded();

    /// <summary>The frames that the client has sent on the connection of this number, without transfers.</summary>
    internal async Task<IReadOnlyList<object>> FramesAsync(int connection) => [.. (await FindAsync(connection)).Frames];

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        await _accepting;
        foreach (StagedConnection connection in Snapshot())
            connection.Abort();
        await Task.WhenAll(_running).Bounded();
    }

    internal void AddSettled(int count) => Interlocked.Add(ref _settled, count);

    private StagedConnection[] Snapshot()
    {
        lock (_lock)
            return [.. _connections];
    }

    private async Task<StagedConnection> FindAsync(int number)
    {
        while (true)
        {
            Task arrived;
            lock (_lock)
            {
                if (number < _connections.Count)
                    return _connections[number];
                arrived = _arrived.Task;
            }

            await arrived.Bounded();
        }
    }

    private async Task AcceptAllAsync()
    {
        while (await _listener.AcceptAsync(CancellationToken.None) is { } transport)
        {
            lock (_lock)
            {
                PeerScript script = _connections.Count < _scripts.Length ? _scripts[_connections.Count] : PeerScript.Behave;
                var connection = new StagedConnection(new RawPeer(transport), script, this);
                _connections.Add(connection);
                _running.Add(connection.RunAsync());
                _arrived.TrySetResult();
                _arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }
}
