using System.Collections.Concurrent;
using Messaging.Amqp;
using Messaging.Broker.Links;
using Messaging.Broker.Queues;
using Messaging.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Broker;

/// <summary>An AMQP 1.0 broker in this process: in-memory queues, made on demand by attaching to an address. Safe for concurrent use; dispose it to stop it.</summary>
/// <remarks>
/// Receivers of a queue compete for its messages, in turn, as far as each has given credit. Accepted and rejected messages are removed (a rejection is logged),
/// released and modified ones go back to their place; so do those whose link or connection ended before they were settled: with a raised delivery count when it
/// was lost or ended with an error, unchanged when the link was detached or closed in order. Delivery annotations end here, everything else of a message is passed
/// on as it came, with the header's time to live reduced by the time spent in the queue. A source or target marked dynamic gets a temporary queue that lives as
/// long as the link; a target without an address is the anonymous terminus: each message goes to the queue that its <c>To</c> names.
/// </remarks>
public sealed class MessageBroker : IAsyncDisposable
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(5);
    private static readonly AmqpError Stopping = new(ErrorCondition.ConnectionForced, "the broker is stopping");

    private readonly ConcurrentDictionary<ConnectionHandler, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly BrokerOptions _options;
    private readonly AccessRules _rules;
    private readonly ILogger _logger;
    private readonly MessagingClient _client;
    private readonly QueueTable _queues;
    private readonly LinkStates _links;
    private readonly IListener _listener;
    private readonly Task _accepting;
    private Task? _stopped;

    private MessageBroker(BrokerOptions options, AccessRules rules, ILogger logger, MessagingClient client, IListener listener)
    {
        _options = options;
        _rules = rules;
        _logger = logger;
        _client = client;
        _listener = listener;
        _queues = new QueueTable(options, logger);
        _links = new LinkStates(options, logger);
        _accepting = AcceptAllAsync();
    }

    /// <summary>The URL to connect to, with the real port.</summary>
    public string Url => _listener.Url;

    /// <summary>How many queues there are, temporary ones included.</summary>
    public int QueueCount => _queues.Count;

    /// <summary>Starts a broker with the defaults.</summary>
    /// <param name="url">See <see cref="BrokerOptions.Url"/>.</param>
    /// <param name="cancellationToken">Ends the attempt to bind.</param>
    /// <returns>The broker, listening.</returns>
    /// <exception cref="ArgumentException">The scheme is <c>amqps</c>, which needs a certificate: use the overload with options.</exception>
    /// <exception cref="FormatException">The URL is malformed, or has a scheme that is not supported.</exception>
    /// <exception cref="MessagingConnectionException">The address cannot be bound.</exception>
    public static ValueTask<MessageBroker> StartAsync(string url, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(url);
        return StartAsync(new BrokerOptions { Url = url }, cancellationToken);
    }

    /// <summary>Starts a broker.</summary>
    /// <param name="options">Copied before the call returns.</param>
    /// <param name="cancellationToken">Ends the attempt to bind.</param>
    /// <returns>The broker, listening.</returns>
    /// <exception cref="ArgumentException">An option is out of its range, or an <c>amqps</c> broker has no certificate; the text names it.</exception>
    /// <exception cref="FormatException">The URL is malformed, or has a scheme that is not supported.</exception>
    /// <exception cref="MessagingConnectionException">The address cannot be bound.</exception>
    public static async ValueTask<MessageBroker> StartAsync(BrokerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        BrokerOptions copy = options.Freeze();
        var rules = new AccessRules(copy);
        ILoggerFactory loggers = copy.LoggerFactory ?? NullLoggerFactory.Instance;
        ILogger logger = new QuietLoggers(loggers).CreateLogger("Messaging.Broker"); // what a logger throws must not end a queue's turn, and the process with it
        var client = new MessagingClient(new MessagingClientOptions { LoggerFactory = loggers, TimeProvider = copy.TimeProvider });
        try
        {
            IListener listener = await client.ListenAsync(copy.Listener, cancellationToken).ConfigureAwait(false);
            return new MessageBroker(copy, rules, logger, client, listener);
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>How many messages a queue holds: those that wait and those that are delivered and not settled.</summary>
    /// <param name="address">The queue's address.</param>
    /// <returns>The number, or <see langword="null"/> when there is no such queue.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="address"/> is <see langword="null"/>.</exception>
    public int? GetQueueDepth(string address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return _queues.Find(address)?.Room.Count;
    }

    /// <summary>Stops listening and closes every connection with <c>amqp:connection:forced</c>; peers that do not answer are dropped after 5 seconds. What the queues hold is gone.</summary>
    /// <param name="cancellationToken">Ends the wait only; the stopping goes on.</param>
    /// <returns>A task that completes when everything is closed.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before that.</exception>
    public async ValueTask StopAsync(CancellationToken cancellationToken = default)
    {
        Task stopped;
        lock (_lock)
            stopped = _stopped ??= Task.Run(StopNowAsync, CancellationToken.None);
        await stopped.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops the broker as <see cref="StopAsync"/> does; never throws.</summary>
    /// <returns>A task that completes when everything is closed.</returns>
    public ValueTask DisposeAsync() => StopAsync(CancellationToken.None);

    private async Task AcceptAllAsync()
    {
        try
        {
            await foreach (IIncomingConnection incoming in _listener.AcceptAllAsync(_stopping.Token).ConfigureAwait(false))
                Start(incoming);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // StopAsync ends the accepting.
        }
    }

    private void Start(IIncomingConnection incoming)
    {
        var handler = new ConnectionHandler(incoming, new PeerRights(incoming, _rules, _logger), _queues, _links, _options, _logger, _stopping.Token);
        Task running = handler.RunAsync();
        _connections[handler] = running;
        _ = running.ContinueWith(
            (_, state) => _connections.TryRemove((ConnectionHandler)state!, out Task? _),
            handler,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task StopNowAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // what the application's own callbacks on it throw keeps nothing from its end
        await _accepting.ConfigureAwait(false);
        await _listener.DisposeAsync().ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(StopTimeout, _options.TimeProvider);
        KeyValuePair<ConnectionHandler, Task>[] connections = _connections.ToArray();
        await Task.WhenAll(connections.Select(connection => connection.Key.CloseAsync(Stopping, timeout.Token))).ConfigureAwait(false);
        await Task.WhenAll(connections.Select(connection => connection.Value)).ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
        _links.Dispose();
        _queues.Dispose();
        BrokerLog.Stopped(_logger, Url);
    }
}
