using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Loop;
using Messaging.Recovery;
using Messaging.Transport;

namespace Messaging.Client;

/// <summary>A connection as the application sees it. What the engine tells it stands in the other parts and runs on the loop.</summary>
internal sealed partial class Connection : LinkFactory, IConnection
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(5);

    private readonly ISupervisor? _supervisor;
    private readonly StateEvents _states;
    private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DefaultSession _defaultSession;
    private int _isClosing;
    private bool _isCloseSent;
    private volatile bool _isStopping;

    /// <param name="settings">Those of the first line.</param>
    /// <param name="supervisor">Who opens new lines; null where the first is the only one.</param>
    public Connection(LoopSettings settings, ISupervisor? supervisor)
    {
        _supervisor = supervisor;
        Room = supervisor?.CreateRoom() ?? new OfflineRoom(int.MaxValue, long.MaxValue);
        Events = new EventQueue(settings);
        _states = new StateEvents(this, Events);
        _defaultSession = new DefaultSession(this);
        _incomingLinks = new IncomingLinks(settings.DecisionTimeout);
        Timers = new LoopTimers(() => Loop!.Clock);
        Loop = new ConnectionLoop(settings, this);
        Loop.Start();
    }

    public ConnectionLoop Loop { get; }

    public ConnectionState State => _states.Current;

    public event EventHandler<ConnectionStateChangedEventArgs>? StateChanged
    {
        add => _states.Changed += value;
        remove => _states.Changed -= value;
    }

    public event EventHandler<MessagingErrorEventArgs>? ErrorOccurred;

    public event EventHandler<LinkStalledEventArgs>? LinkStalled;

    /// <summary>The room for sends while there is no connection.</summary>
    public OfflineRoom Room { get; }

    /// <summary>Where the events of the connection and its links are raised.</summary>
    public EventQueue Events { get; }

    public string? RemoteContainerId { get; private set; }

    public string? RemoteIdentity { get; set; }

    public IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; private set; } = Empty.Fields;

    public IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; private set; } = [];

    public Task<CloseReason> Closed => _closed.Task;

    /// <summary>The address for links that are created without one.</summary>
    public string? DefaultAddress => _role?.DefaultAddress;

    /// <summary>Whether it is being closed with a deadline, so that nothing new begins. Set on the loop.</summary>
    public bool IsStopping
    {
        get => _isStopping;
        set => _isStopping = value;
    }

    /// <summary>Whether it is being closed here, and nothing more may be sent. Owned by the loop.</summary>
    public bool IsCloseSent => _isCloseSent;

    /// <summary>Claims-based security, where it is used.</summary>
    public Security.CbsSession? Cbs => _role?.Cbs;

    /// <summary>How often a link that is being created may be redirected.</summary>
    public int MaxLinkRedirects => _supervisor?.MaxRedirects ?? 0;

    protected override Connection Factory => this;

    public async ValueTask<ISession> CreateSessionAsync(SessionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ThrowIfStopping();
        SessionOptions copy = (options ?? new SessionOptions()).Freeze();
        var session = new SessionEndpoint(this) { IncomingWindow = (uint)copy.IncomingWindow };
        await BeginSessionAsync(session, cancellationToken).ConfigureAwait(false);
        return session;
    }

    public IAsyncEnumerable<IIncomingLink> IncomingLinksAsync(CancellationToken cancellationToken = default) => _incomingLinks.ReadAllAsync(cancellationToken);

    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => CloseAsync(null, cancellationToken);

    public ValueTask CloseAsync(AmqpError? error, CancellationToken cancellationToken = default)
    {
        Encodable.Require(error);
        return CloseAsync(error, waits: error is null, cancellationToken);
    }

    /// <param name="error">The error for the close frame.</param>
    /// <param name="waits">Whether sends in flight may finish.</param>
    /// <param name="cancellationToken">Ends the graceful part.</param>
    public async ValueTask CloseAsync(AmqpError? error, bool waits, CancellationToken cancellationToken)
    {
        bool isUp = _isOpen;
        if (Interlocked.Exchange(ref _isClosing, 1) == 0)
            _states.Set(ConnectionState.Closing, cause: null);
        _supervisor?.Stop();
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        Task redirects = _supervisor?.CloseRedirectsAsync(waits) ?? Task.CompletedTask; // side by side: none waits for another's peer
        try
        {
            if (waits && isUp)
                await CloseSessionsAsync(bound).ConfigureAwait(false);
            await Loop.InvokeAsync(() => CloseNow(error)).WaitAsync(bound).ConfigureAwait(false);
            await Task.WhenAll(_closed.Task, redirects).WaitAsync(bound).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Loop.Abort(new CloseReason(CloseInitiator.Local));
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (MessagingException) when (Loop.IsStopping)
        {
            await Task.WhenAll(_closed.Task, redirects).ConfigureAwait(false);
        }
    }

    public ValueTask DisposeAsync() => EndAsync(waits: true);

    /// <summary>Closes within 5 seconds. Never throws.</summary>
    /// <param name="waits">Whether sends in flight may finish.</param>
    public async ValueTask EndAsync(bool waits)
    {
        using var timeout = new CancellationTokenSource(DisposeTimeout, Loop.Settings.TimeProvider);
        try
        {
            await CloseAsync(null, waits, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The peer did not answer in time; the loop was told to stop at once.
        }

        await Loop.Stopped.ConfigureAwait(false);
    }

    public ValueTask<CloseReport> CloseAsync(TimeSpan deadline, CancellationToken cancellationToken = default) =>
        new GracefulClose(this).RunAsync(deadline, cancellationToken);

    /// <summary>The connections that redirected links have led to. From any thread.</summary>
    public IReadOnlyCollection<Connection> Redirected => _supervisor?.Redirected ?? [];

    /// <summary>The connection on which a redirected link is to be attached; null when the redirect is not to be followed.</summary>
    /// <exception cref="LinkException">The server cannot be reached.</exception>
    public ValueTask<Connection?> FollowAsync(AmqpError redirect, CancellationToken cancellationToken) =>
        _supervisor?.FollowAsync(redirect, cancellationToken) ?? default;

    /// <summary>Tells the application of an error, once.</summary>
    public void OnError(MessagingErrorEventArgs error) => Events.Raise(ErrorOccurred, this, error);

    /// <summary>Tells the application of a link that does nothing.</summary>
    public void OnLinkStalled(LinkStalledEventArgs stall)
    {
        LinkLog.Stalled(Loop.Settings.Logger, ((LinkEndpoint)stall.Link).Description, stall.Duration, stall.PeerAnswers);
        Events.Raise(LinkStalled, this, stall);
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

    /// <summary>A connection that is being closed takes nothing new.</summary>
    /// <exception cref="MessagingConnectionException">It is.</exception>
    public void ThrowIfStopping()
    {
        if (_isStopping)
            throw new MessagingConnectionException($"Connection {Loop.Settings.Name} is being closed here: open a new one.", isTransient: false);
    }

    protected override ValueTask<SessionEndpoint> SessionForLinkAsync(CancellationToken cancellationToken) => _defaultSession.GetAsync(cancellationToken);

    private async Task CloseSessionsAsync(CancellationToken cancellationToken)
    {
        SessionEndpoint[] sessions = await Loop.InvokeAsync(() => Sessions.ToArray()).WaitAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(sessions.Select(session => session.CloseAsync(null, cancellationToken).AsTask())).ConfigureAwait(false);
    }

    /// <summary>Writes our begin, now or when there is a line. Runs on the loop.</summary>
    /// <exception cref="SessionException">channel-max is reached.</exception>
    /// <exception cref="MessagingConnectionException">The connection is being closed here.</exception>
    public void BeginNow(SessionEndpoint session)
    {
        if (_isCloseSent)
            throw new MessagingConnectionException($"Connection {Loop.Settings.Name} was closed here: open a new one.", isTransient: false);
        Sessions.Add(session);
        if (!_isOpen || Loop.Engine is not { IsOpen: true }) // else its end is decided, and the next line begins the session
            return;
        try
        {
            session.Engine = Loop.Engine!.BeginSession(session, session.IncomingWindow);
        }
        catch (InvalidOperationException exception)
        {
            Sessions.Remove(session);
            throw new SessionException($"Connection {Loop.Settings.Name}: {exception.Message} Close sessions that are no longer needed, or raise ChannelMax.", isTransient: true, innerException: exception);
        }
    }

    private void CloseNow(AmqpError? error)
    {
        _isCloseSent = true;
        if (_isOpen)
            Loop.Engine!.Close(error);
        else
            Loop.End(new CloseReason(CloseInitiator.Local));
    }
}
