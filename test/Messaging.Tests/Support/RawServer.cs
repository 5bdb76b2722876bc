using Messaging.Amqp.Framing;
using Messaging.Transport;

namespace Messaging.Tests.Support;

/// <summary>A client of the SDK that is connected to a raw peer.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly ITransportListener _listener;

    private RawServer(ITransportListener listener, MessagingClientOptions? options)
    {
        _listener = listener;
        Client = new MessagingClient(options ?? new MessagingClientOptions());
    }

    public string Url => _listener.Url;

    public MessagingClient Client { get; }

    public RawPeer Peer { get; private set; } = null!;

    public IConnection Connection { get; private set; } = null!;

    /// <summary>Listens; nobody has connected yet.</summary>
    public static async Task<RawServer> ListenAsync(MessagingClientOptions? options = null, bool tcp = false) => new(
        await TransportFactory.ListenAsync(ConnectionUrl.Parse(tcp ? "amqp://127.0.0.1:0" : TestPair.UniqueUrl()), new TransportSettings(), BoundedWaits.Stop).Bounded(),
        options);

    /// <summary>Listens and brings one connection up to both opens.</summary>
    public static async Task<RawServer> OpenAsync(ConnectionOptions? connection = null, MessagingClientOptions? options = null, bool tcp = false, Open? open = null)
    {
        RawServer server = await ListenAsync(options, tcp);
        connection ??= new ConnectionOptions { Reconnect = false }; // what a test of the wire does not ask for does not happen
        connection.Url = server.Url;
        ValueTask<IConnection> connecting = server.Client.ConnectAsync(connection, BoundedWaits.Stop);
        server.Peer = await server.AcceptAsync();
        await server.Peer.OpenAsServerAsync(open);
        server.Connection = await connecting.Bounded();
        return server;
    }

    /// <summary>The next connection that arrives.</summary>
    public async Task<RawPeer> AcceptAsync() => new((await _listener.AcceptAsync(BoundedWaits.Stop).Bounded())!);

    /// <summary>A sender with its session and link up, and this much credit.</summary>
    public async Task<ISender> SenderAsync(uint credit = 0, SenderOptions? options = null, ulong? maxMessageSize = null, uint window = 10_000)
    {
        ValueTask<ISender> creating = Connection.CreateSenderAsync("q", options ?? new SenderOptions(), BoundedWaits.Stop);
        await Peer.AnswerBeginAsync(window: window);
        await Peer.AnswerAttachAsync(maxMessageSize);
        ISender sender = await creating.Bounded();
        if (credit > 0)
        {
            await Peer.GiveCreditAsync(credit, window: window);
            await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        }

        return sender;
    }

    /// <summary>A receiver with its session and link up.</summary>
    public async Task<IReceiver> ReceiverAsync(ReceiverOptions? options = null)
    {
        ValueTask<IReceiver> creating = Connection.CreateReceiverAsync("q", options ?? new ReceiverOptions(), BoundedWaits.Stop);
        await Peer.AnswerBeginAsync();
        await Peer.AnswerAttachAsync();
        return await creating.Bounded();
    }

    /// <summary>Ends the transport, and brings the connection that follows up to both opens, its session and its one link.</summary>
    /// <returns>The link's attach.</returns>
    public async Task<Attach> ReconnectAsync()
    {
        await Peer.DisposeAsync();
        await AcceptOpenAsync();
        await Peer.AnswerBeginAsync();
        return await Peer.AnswerAttachAsync();
    }

    /// <summary>Brings the next connection up to both opens.</summary>
    public async Task AcceptOpenAsync(Open? open = null)
    {
        Peer = await AcceptAsync();
        await Peer.OpenAsServerAsync(open);
    }

    /// <summary>Brings this connection up to both opens, in place of the one before.</summary>
    public async Task TakeOverAsync(RawPeer peer)
    {
        await Peer.DisposeAsync();
        Peer = peer;
        await peer.OpenAsServerAsync();
    }

    /// <summary>Nobody listens at the URL any more.</summary>
    public ValueTask DisposeListenerAsync() => _listener.DisposeAsync();

    /// <summary>Returns when the connection is in the state.</summary>
    public Task StateAsync(ConnectionState state) => BoundedWaits.UntilAsync(() => Connection.State == state);

    /// <summary>What the sender has in its queue.</summary>
    public Task<Messaging.Client.LinkRemains> QueuedAsync(ISender sender) =>
        ((Messaging.Client.Connection)Connection).Loop.InvokeAsync(() => ((Messaging.Client.Sender)sender).Queued).Bounded();

    /// <summary>Returns when the client's loop has run everything that was posted before.</summary>
    public Task FenceAsync() => TestPair.FenceAsync(Connection);

    public async ValueTask DisposeAsync()
    {
        if (Peer is not null)
            await Peer.DisposeAsync();
        await _listener.DisposeAsync();
        await Client.DisposeAsync();
    }
}
