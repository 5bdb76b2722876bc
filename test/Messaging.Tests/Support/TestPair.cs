namespace Messaging.Tests.Support;

/// <summary>A client and a listener of the SDK in one process, with one connection between them.</summary>
internal sealed class TestPair : IAsyncDisposable
{
    private TestPair(MessagingClient client, IListener listener)
    {
        Client = client;
        Listener = listener;
    }

    public MessagingClient Client { get; }

    public IListener Listener { get; }

    /// <summary>The connecting side.</summary>
    public IConnection Connection { get; private set; } = null!;

    /// <summary>The listening side.</summary>
    public IConnection Accepted { get; private set; } = null!;

    public static string UniqueUrl() => $"inproc://{Guid.NewGuid():N}";

    /// <summary>A listener, and nobody connected.</summary>
    public static async Task<TestPair> ListenAsync(ListenerOptions? listener = null, MessagingClientOptions? client = null, bool tcp = false)
    {
        listener ??= new ListenerOptions();
        listener.Url = tcp ? "amqp://127.0.0.1:0" : UniqueUrl();
        var messaging = new MessagingClient(client ?? new MessagingClientOptions());
        return new TestPair(messaging, await messaging.ListenAsync(listener, BoundedWaits.Stop).Bounded());
    }

    /// <summary>A listener and one open connection.</summary>
    public static async Task<TestPair> OpenAsync(ConnectionOptions? connection = null, ListenerOptions? listener = null, MessagingClientOptions? client = null, bool tcp = false)
    {
        TestPair pair = await ListenAsync(listener, client, tcp);
        (pair.Connection, pair.Accepted) = await pair.ConnectAsync(connection);
        return pair;
    }

    /// <summary>Opens one more connection.</summary>
    public async Task<(IConnection Connection, IConnection Accepted)> ConnectAsync(ConnectionOptions? options = null)
    {
        options ??= new ConnectionOptions();
        options.Url = Listener.Url;
        ValueTask<IConnection> connecting = Client.ConnectAsync(options, BoundedWaits.Stop);
        IIncomingConnection incoming = await NextConnectionAsync();
        IConnection accepted = await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();
        return (await connecting.Bounded(), accepted);
    }

    public Task<IIncomingConnection> NextConnectionAsync() => Listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();

    public Task<IIncomingLink> NextLinkAsync() => Accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();

    /// <summary>A link on which the connecting side sends.</summary>
    public async Task<(ISender Sender, IReceiver Receiver)> SendingLinkAsync(SenderOptions? options = null, IncomingReceiverOptions? incoming = null)
    {
        ValueTask<ISender> creating = Connection.CreateSenderAsync("q", options ?? new SenderOptions(), BoundedWaits.Stop);
        IReceiver receiver = await (await NextLinkAsync()).AcceptReceiverAsync(incoming, BoundedWaits.Stop).Bounded();
        return (await creating.Bounded(), receiver);
    }

    /// <summary>A link on which the connecting side receives.</summary>
    public async Task<(IReceiver Receiver, ISender Sender)> ReceivingLinkAsync(ReceiverOptions? options = null, IncomingSenderOptions? incoming = null)
    {
        ValueTask<IReceiver> creating = Connection.CreateReceiverAsync("q", options ?? new ReceiverOptions(), BoundedWaits.Stop);
        ISender sender = await (await NextLinkAsync()).AcceptSenderAsync(incoming, BoundedWaits.Stop).Bounded();
        return (await creating.Bounded(), sender);
    }

    /// <summary>Returns when the loop has run everything that was posted before.</summary>
    public static Task FenceAsync(IConnection connection) => ((Messaging.Client.Connection)connection).Loop.InvokeAsync(static () => { }).Bounded();

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        if (Accepted is not null)
            await Accepted.DisposeAsync();
    }
}
