using Messaging.Amqp.Engine;
using Messaging.Client;
using Messaging.Loop;
using Messaging.Security;
using Messaging.Transport;
using Microsoft.Extensions.Logging;

namespace Messaging.Listening;

/// <summary>Accepts transports, brings each through its handshake, and hands those that have opened to the application.</summary>
internal sealed class Listener : IListener
{
    private readonly ListenerOptions _options;
    private readonly string _containerId;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly ITransportListener _transports;
    private readonly UnseenQueue<IncomingConnection> _incoming = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _accepting = Task.CompletedTask;
    private int _connections;
    private int _isClosing;

    private Listener(ListenerOptions options, string containerId, TimeProvider time, ILoggerFactory loggers, ITransportListener transports)
    {
        _options = options;
        _containerId = options.ContainerId ?? containerId;
        _time = time;
        _loggers = loggers;
        _logger = loggers.CreateLogger("Messaging.Listener");
        _transports = transports;
    }

    public string Url => _transports.Url;

    /// <summary>Completes when listening has ended.</summary>
    public Task Closed => _closed.Task;

    public static async Task<Listener> StartAsync(ListenerOptions options, string containerId, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ITransportListener transports = await TransportFactory.ListenAsync(
            ConnectionUrl.Parse(options.Url),
            new TransportSettings { TimeProvider = time, Logger = loggers.CreateLogger("Messaging.Transport") },
            cancellationToken).ConfigureAwait(false);
        var listener = new Listener(options, containerId, time, loggers, transports);
        listener._accepting = Task.Run(listener.AcceptTransportsAsync, CancellationToken.None);
        return listener;
    }

    public IAsyncEnumerable<IIncomingConnection> AcceptAllAsync(CancellationToken cancellationToken = default) => _incoming.ReadAllAsync(cancellationToken);

    public async ValueTask CloseAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
            _ = EndAsync();
        await _closed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => CloseAsync();

    /// <summary>A connection has brought its open: the application decides.</summary>
    public void Offer(IncomingConnection connection)
    {
        if (!_incoming.TryAdd(connection.Place))
            connection.Abandon(); // nobody is there any more to decide
    }

    /// <summary>A connection is gone, or its time to be decided about is over.</summary>
    public void Withdraw(IncomingConnection connection) => _incoming.Remove(connection.Place);

    /// <summary>A connection that was counted has ended.</summary>
    public void OnConnectionEnded() => Interlocked.Decrement(ref _connections);

    private async Task EndAsync()
    {
        try
        {
            await _closing.CancelAsync().ConfigureAwait(false);
            await _transports.DisposeAsync().ConfigureAwait(false);
            await _accepting.ConfigureAwait(false);
        }
        finally
        {
            foreach (IncomingConnection undecided in _incoming.End())
                undecided.Abandon();
            _closed.TrySetResult();
        }
    }

    private async Task AcceptTransportsAsync()
    {
        try
        {
            while (await _transports.AcceptAsync(_closing.Token).ConfigureAwait(false) is { } transport)
                Accept(transport);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // CloseAsync ends the accepting.
        }
    }

    private void Accept(ITransport transport)
    {
        if (Interlocked.Increment(ref _connections) > _options.MaxConnections)
        {
            Interlocked.Decrement(ref _connections);
            ListenerLog.TooManyConnections(_logger, Url, _options.MaxConnections, transport.RemoteEndPoint);
            transport.Abort();
            _ = transport.DisposeAsync().AsTask();
            return;
        }

        var role = new ListenerRole(this, _options, transport.RemoteEndPoint);
        new Connection(transport, Settings(transport), role).Start();
    }

    private LoopSettings Settings(ITransport transport)
    {
        string name = $"{Url} from {transport.RemoteEndPoint}";
        return new LoopSettings
        {
            TimeProvider = _time,
            Logger = _logger,
            Name = name,
            WriteTimeout = _options.WriteTimeout,
            OperationTimeout = _options.OperationTimeout,
            DecisionTimeout = _options.DecisionTimeout,
            Engine = new EngineSettings
            {
                ContainerId = _containerId,
                IsListener = true,
                MaxFrameSize = (uint)_options.MaxFrameSize,
                ChannelMax = (ushort)_options.ChannelMax,
                IdleTimeout = (uint)_options.IdleTimeout.TotalMilliseconds,
                AllowBareHeader = _options.AllowAnonymous,
                SaslMechanisms = [.. Mechanisms(transport)],
                OfferedCapabilities = _options.OfferedCapabilities.ToArrayOrNull(),
                Properties = _options.Properties ?? Product.Properties,
                Trace = FrameTrace.For(_logger, name),
            },
        };
    }

    private IEnumerable<Amqp.Symbol> Mechanisms(ITransport transport)
    {
        if (_options.AuthenticatePlain is not null && (_options.AllowInsecureMechanisms || transport.IsSecure || transport.IsInProcess))
            yield return SaslMechanismNames.Plain;
        if (_options.AllowAnonymous)
            yield return SaslMechanismNames.Anonymous;
    }
}
