namespace Messaging.Interop.Tests;

/// <summary>The listening side of a test: accepts every connection, and hands each link that a peer attaches to the test.</summary>
internal sealed class Listening : IAsyncDisposable
{
    private readonly IListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private Listening(IListener listener, Func<IIncomingLink, CancellationToken, Task> serve, Action<IIncomingConnection>? onLogin = null)
    {
        _listener = listener;
        _running = AcceptAsync(serve, onLogin);
    }

    public string Url => _listener.Url;

    /// <summary>As the examples of Proton want it: without a scheme.</summary>
    public string HostAndPort => new Uri(Url).Authority;

    public static async Task<Listening> StartAsync(IMessagingClient client, Func<IIncomingLink, CancellationToken, Task> serve, CancellationToken cancellationToken) =>
        new(await client.ListenAsync("amqp://127.0.0.1:0", cancellationToken), serve);

    public static async Task<Listening> StartAsync(
        IMessagingClient client,
        ListenerOptions options,
        Func<IIncomingLink, CancellationToken, Task> serve,
        Action<IIncomingConnection> onLogin,
        CancellationToken cancellationToken) =>
        new(await client.ListenAsync(options, cancellationToken), serve, onLogin);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _listener.DisposeAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync(Func<IIncomingLink, CancellationToken, Task> serve, Action<IIncomingConnection>? onLogin)
    {
        List<Task> connections = [];
        await foreach (var incoming in _listener.AcceptAllAsync(_stop.Token))
        {
            onLogin?.Invoke(incoming);
            connections.Add(ServeAsync(await incoming.AcceptAsync(_stop.Token), serve));
        }

        await Task.WhenAll(connections);
    }

    private async Task ServeAsync(IConnection connection, Func<IIncomingLink, CancellationToken, Task> serve)
    {
        await using (connection)
        {
            List<Task> links = [];
            await foreach (var link in connection.IncomingLinksAsync(_stop.Token))
                links.Add(serve(link, _stop.Token));
            await Task.WhenAll(links);
        }
    }
}
