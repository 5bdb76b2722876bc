using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Client;
using Messaging.Loop;
using Messaging.Security.Mechanisms;
using Messaging.Transport;
using Microsoft.Extensions.Logging;

namespace Messaging.Listening;

/// <summary>Accepts transports, brings each through its handshake, and hands those that have opened to the application.</summary>
internal sealed class Listener : IListener
{
    private const uint LargestLogin = 65_536; // Windows puts a user's groups into the Kerberos ticket, up to 48,000 bytes (MaxTokenSize); who issues access tokens does the like
    private static readonly AmqpError ClosedListener = new(ErrorCondition.ConnectionForced, "the listener was closed");

    private readonly ListenerOptions _options;
    private readonly string _containerId;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly ITransportListener _transports;
    private readonly ListenerMechanisms _mechanisms;
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
        _mechanisms = new ListenerMechanisms(options);
    }

    public string Url => _transports.Url;

    /// <summary>Completes when listening has ended.</summary>
    public Task Closed => _closed.Task;

    public static async Task<Listener> StartAsync(ListenerOptions options, string containerId, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        ITransportListener transports = await TransportFactory.ListenAsync(
            ConnectionUrl.Parse(options.Url),
            new TransportSettings { TimeProvider = time, Logger = loggers.CreateLogger("Messaging.Transport"), ListenerTls = options.Tls },
            cancellationToken).ConfigureAwait(false);
        try
        {
            var listener = new Listener(options, containerId, time, loggers, transports);
            listener._accepting = Task.Run(listener.AcceptTransportsAsync, CancellationToken.None);
            return listener;
        }
        catch // what the application brought (users, mechanisms, loggers) may fail when it is looked at
        {
            await transports.DisposeAsync().ConfigureAwait(false);
            throw;
        }
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
            connection.Abandon(ClosedListener); // nobody is there any more to decide
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
                undecided.Abandon(ClosedListener);
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

        if (transport is IPendingTransport pending)
            _ = Task.Run(() => EstablishAsync(pending), CancellationToken.None);
        else
            Start(transport, TimeSpan.Zero);
    }

    private void Start(ITransport transport, TimeSpan elapsed)
    {
        try
        {
            IReadOnlyList<ISaslServerMechanism> mechanisms = _mechanisms.Offer(transport, _logger);
            var role = new ListenerRole(this, _options, mechanisms, TimeLimits.Left(_options.HandshakeTimeout, elapsed));
            LoopSettings settings = Settings(transport, mechanisms);
            _ = new Connection(settings, supervisor: null).OpenAsync(transport, settings, role).ContinueWith(static opening => opening.Exception, TaskScheduler.Default);
        }
        catch (Exception exception) // what mechanisms of the application throw: one connection must not end listening
        {
            transport.Abort();
            _ = transport.DisposeAsync().AsTask();
            OnConnectionEnded();
            ListenerLog.NotServed(_logger, Url, transport.RemoteEndPoint, exception);
        }
    }

    /// <summary>Brings a connection through what comes before AMQP, beside all others. It counts, and its time for the handshake runs.</summary>
    private async Task EstablishAsync(IPendingTransport pending)
    {
        long start = _time.GetTimestamp();
        using var timeout = new CancellationTokenSource(_options.HandshakeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        try
        {
            Start(await pending.EstablishAsync(either.Token).ConfigureAwait(false), _time.GetElapsedTime(start));
            return;
        }
        catch (OperationCanceledException)
        {
            string why = timeout.IsCancellationRequested ? $"the handshake took longer than {_options.HandshakeTimeout}" : "the listener is closed";
            ListenerLog.NotEstablished(_logger, Url, pending.RemoteEndPoint, why);
        }
        catch (Exception exception) // also what callbacks of the application throw: one connection must not end listening
        {
            ListenerLog.NotEstablished(_logger, Url, pending.RemoteEndPoint, exception.Message);
        }

        OnConnectionEnded();
    }

    private LoopSettings Settings(ITransport transport, IReadOnlyList<ISaslServerMechanism> mechanisms)
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
                MaxFrameSizeBeforeOpen = _options.AllowKerberos || _options.AuthenticateToken is not null ? LargestLogin : EngineSettings.DefaultMaxFrameSizeBeforeOpen,
                ChannelMax = (ushort)_options.ChannelMax,
                MaxChurn = (uint)_options.MaxChurn,
                IdleTimeout = (uint)_options.IdleTimeout.TotalMilliseconds,
                AllowBareHeader = mechanisms.FirstOrDefault(static mechanism => mechanism.Name == "ANONYMOUS") is AnonymousServer, // it means ANONYMOUS; one of the application's own may ask for more
                SaslMechanisms = [.. mechanisms.Select(static mechanism => new Amqp.Symbol(mechanism.Name))],
                OfferedCapabilities = _options.OfferedCapabilities.ToArrayOrNull(),
                Properties = _options.Properties ?? Product.Properties,
                Trace = FrameTrace.For(_logger, name),
            },
        };
    }
}
