using System.Collections.Concurrent;

namespace Messaging.Tests.Faults;

/// <summary>A listener that accepts every message it is sent and has two messages for every receiver.</summary>
internal sealed class ServingListener : IAsyncDisposable
{
    private readonly MessagingClient _client;
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
    private readonly ConcurrentQueue<Task> _links = [];
    private Task _serving = Task.CompletedTask;
    private int _received;

    private ServingListener(MessagingClient client, IListener listener)
    {
        _client = client;
        Listener = listener;
    }

    public IListener Listener { get; }

    /// <summary>Every connection that was accepted.</summary>
    public ConcurrentQueue<IConnection> Accepted { get; } = [];

    /// <summary>The links that the peers attached, and what their service ended with.</summary>
    public IEnumerable<Task> Links => _links;

    public int Received => Volatile.Read(ref _received);

    public static async Task<ServingListener> StartAsync(ListenerOptions? options = null)
    {
        options ??= new ListenerOptions();
        options.Url = "amqp://127.0.0.1:0";
        var client = new MessagingClient();
        var serving = new ServingListener(client, await client.ListenAsync(options, BoundedWaits.Stop).Bounded());
        serving._serving = serving.ServeAsync();
        return serving;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
            return;
        await Listener.CloseAsync(BoundedWaits.Stop).Bounded();
        foreach (IConnection connection in Accepted)
            await connection.DisposeAsync().Bounded();
        await _stop.CancelAsync();
        await _serving.Bounded();
        await _client.DisposeAsync().Bounded();
    }

    private async Task ServeAsync()
    {
        List<Task> connections = [];
        await foreach (IIncomingConnection incoming in Listener.AcceptAllAsync(_stop.Token))
            connections.Add(ServeAsync(incoming));
        await Task.WhenAll(connections);
    }

    private async Task ServeAsync(IIncomingConnection incoming)
    {
        try
        {
            IConnection connection = await incoming.AcceptAsync(_stop.Token);
            Accepted.Enqueue(connection);
            await foreach (IIncomingLink link in connection.IncomingLinksAsync(_stop.Token))
                _links.Enqueue(ServeAsync(link));
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            // the client is dead
        }
    }

    private async Task ServeAsync(IIncomingLink link)
    {
        if (link.Role == LinkRole.Sender)
        {
            ISender sender = await link.AcceptSenderAsync(null, _stop.Token);
            for (int i = 0; i < 2; i++)
                await sender.SendAsync(new Message(i), _stop.Token);
            await sender.Closed;
            return;
        }

        IReceiver receiver = await link.AcceptReceiverAsync(null, _stop.Token);
        await receiver.ProcessAsync(
            (_, _) =>
            {
                Interlocked.Increment(ref _received);
                return default;
            },
            1,
            _stop.Token);
    }
}
