using Messaging.Client;
using Messaging.Configuration;
using Messaging.Listening;
using Messaging.Recovery;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging;

/// <summary>The container: opens connections and listens for them. Safe for concurrent use; dispose it to close everything it opened.</summary>
public sealed class MessagingClient : IMessagingClient
{
    private readonly MessagingClientOptions _options;
    private readonly ILoggerFactory _loggers;
    private readonly ConnectFile _connectFile;
    private readonly SharedConnection _shared;
    private readonly OwnedSet _owned = new();
    private int _isDisposed;

    /// <summary>Creates a client with the defaults.</summary>
    public MessagingClient()
        : this(new MessagingClientOptions())
    {
    }

    /// <summary>Creates a client with options.</summary>
    /// <param name="options">Copied; later changes have no effect.</param>
    /// <exception cref="ArgumentException">An option is out of its range; the text names it.</exception>
    /// <exception cref="FormatException">A URL is malformed, or has a scheme that is not supported.</exception>
    public MessagingClient(MessagingClientOptions options)
        : this(options, ConnectFilePlaces.OfThisProcess)
    {
    }

    internal MessagingClient(MessagingClientOptions options, ConnectFilePlaces places)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Freeze();
        _loggers = _options.LoggerFactory is { } loggers ? new QuietLoggers(loggers) : NullLoggerFactory.Instance;
        ContainerId = _options.ContainerId ?? Guid.NewGuid().ToString();
        _connectFile = new ConnectFile(places, _loggers.CreateLogger("Messaging.Connection"));
        _shared = new SharedConnection(ConnectAsync);
    }

    /// <inheritdoc/>
    public string ContainerId { get; }

    /// <inheritdoc/>
    public ValueTask<IConnection> ConnectAsync(string url, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        return ConnectAsync(new ConnectionOptions { Url = url }, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> ConnectAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        ConnectionOptions options = _options.Connection ?? await _connectFile.ReadOptionsAsync(cancellationToken).ConfigureAwait(false);
        return await ConnectAsync(options, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IConnection> ConnectAsync(ConnectionOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfDisposed();
        var supervisor = new Supervisor(options.Freeze(), ContainerId, _options.TimeProvider, _loggers);
        Connection connection = await supervisor.ConnectAsync(cancellationToken).ConfigureAwait(false);
        return await OwnAsync(connection, connection.Closed).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IConnection> GetConnectionAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        return _shared.GetAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ISender> CreateSenderAsync(string address, CancellationToken cancellationToken = default)
    {
        IConnection connection = await GetConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await connection.CreateSenderAsync(address, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<IReceiver> CreateReceiverAsync(string address, CancellationToken cancellationToken = default)
    {
        IConnection connection = await GetConnectionAsync(cancellationToken).ConfigureAwait(false);
        return await connection.CreateReceiverAsync(address, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<IListener> ListenAsync(string url, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        return ListenAsync(new ListenerOptions { Url = url }, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<IListener> ListenAsync(ListenerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ThrowIfDisposed();
        Listener listener = await Listener.StartAsync(options.Freeze(), ContainerId, _options.TimeProvider, _loggers, cancellationToken).ConfigureAwait(false);
        return await OwnAsync(listener, listener.Closed).ConfigureAwait(false);
    }

    /// <summary>Closes every connection that this client opened and every listener, each within 5 seconds; connections accepted by a listener stay with who accepted them. Never throws.</summary>
    /// <returns>A task that completes when all are closed.</returns>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _shared.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // what the application's own callbacks on it throw keeps nothing from its end
        await _owned.DisposeAllAsync().ConfigureAwait(false);
    }

    /// <summary>What is opened while the client is being disposed is closed again.</summary>
    private async ValueTask<T> OwnAsync<T>(T opened, Task ended)
        where T : IAsyncDisposable
    {
        if (_owned.TryAdd(opened, ended))
            return opened;
        await opened.DisposeAsync().ConfigureAwait(false);
        throw new ObjectDisposedException(nameof(MessagingClient));
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(Volatile.Read(ref _isDisposed) != 0, this);
}
