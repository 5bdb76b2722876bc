using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Loop;
using Messaging.Transport;

namespace Messaging.Client;

/// <summary>A connection as the application sees it. What the engine tells it stands in the other parts and runs on the loop.</summary>
internal sealed partial class Connection : LinkFactory, IConnection
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(5);

    private readonly StateEvents _states;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DefaultSession _defaultSession;
    private int _isClosing;

    public Connection(ITransport transport, LoopSettings settings, ConnectionRole role)
    {
        _role = role;
        _states = new StateEvents(this, settings);
        _defaultSession = new DefaultSession(this);
        _incomingLinks = new IncomingLinks(settings.DecisionTimeout);
        Loop = new ConnectionLoop(transport, settings, this);
    }

    public ConnectionLoop Loop { get; }

    public ConnectionState State => _states.Current;

    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => _states.Changed += value;
        remove => _states.Changed -= value;
    }

    public string? RemoteContainerId { get; private set; }

    public IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; private set; } = Empty.Fields;

    public IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; private set; } = [];

    public Task<CloseReason> Closed => _closed.Task;

    /// <summary>Completes when both sides are open; faults when that failed.</summary>
    public Task Opened => _opened.Task;

    /// <summary>The address for links that are created without one.</summary>
    public string? DefaultAddress => _role.DefaultAddress;

    protected override Connection Factory => this;

    public async ValueTask<ISession> CreateSessionAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        SessionOptions copy = (options ?? new SessionOptions()).Freeze();
        var session = new SessionEndpoint(this) { IncomingWindow = (uint)copy.IncomingWindow };
        await BeginSessionAsync(session, cancellationToken).ConfigureAwait(false);
        return session;
    }

    public IAsyncEnumerable<IIncomingLink> IncomingLinksAsync(CancellationToken cancellationToken = default) => _incomingLinks.ReadAllAsync(cancellationToken);

    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => CloseAsync(null, cancellationToken);

    public async ValueTask CloseAsync(AmqpError? error, CancellationToken cancellationToken = default)
    {
        Encodable.Require(error);
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
            _states.Set(ConnectionState.Closing, cause: null);
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        try
        {
            if (error is null)
                await CloseSessionsAsync(bound).ConfigureAwait(false);
            await Loop.InvokeAsync(() => Loop.Engine.Close(error)).WaitAsync(bound).ConfigureAwait(false);
            await _closed.Task.WaitAsync(bound).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Loop.Abort(new CloseReason(CloseInitiator.Local));
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (MessagingException) when (Loop.IsStopping)
        {
            await _closed.Task.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(DisposeTimeout, Loop.Settings.TimeProvider);
        try
        {
            await CloseAsync(null, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The peer did not answer in time; the loop was told to stop at once.
        }

        await Loop.Stopped.ConfigureAwait(false);
    }

    /// <summary>Begins a session and waits for the peer's answer.</summary>
    public async Task BeginSessionAsync(SessionEndpoint session, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        try
        {
            await Loop.InvokeAsync(() => BeginNow(session)).WaitAsync(bound).ConfigureAwait(false);
            await session.Begun.WaitAsync(bound).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (bound.IsCancellationRequested)
        {
            _ = Loop.InvokeAsync(session.Abandon);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"Connection {Loop.Settings.Name}: the peer did not answer the begin of a session within {Loop.Settings.OperationTimeout}.");
        }
    }

    protected override ValueTask<SessionEndpoint> SessionForLinkAsync(CancellationToken cancellationToken) => _defaultSession.GetAsync(cancellationToken);

    private async Task CloseSessionsAsync(CancellationToken cancellationToken)
    {
        SessionEndpoint[] sessions = await Loop.InvokeAsync(() => Sessions.ToArray()).WaitAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(sessions.Select(session => session.CloseAsync(null, cancellationToken).AsTask())).ConfigureAwait(false);
    }

    /// <summary>Writes our begin. Runs on the loop.</summary>
    /// <exception cref="SessionException">channel-max is reached.</exception>
    public void BeginNow(SessionEndpoint session)
    {
        try
        {
            session.Engine = Loop.Engine.BeginSession(session, session.IncomingWindow);
        }
        catch (InvalidOperationException exception)
        {
            throw new SessionException($"Connection {Loop.Settings.Name}: {exception.Message} Close sessions that are no longer needed, or raise ChannelMax.", isTransient: true, innerException: exception);
        }

        Sessions.Add(session);
    }
}
