using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;
using Messaging.Recovery;
using Messaging.Security;

namespace Messaging.Client;

/// <summary>The life of a link from attach to its end. The part that touches the engine runs on the loop.</summary>
internal abstract partial class LinkEndpoint(SessionEndpoint session, string name) : ILink
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(5);
    private static long _lastNumber;

    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile CloseReason? _reason;
    private volatile bool _isDetaching;
    private volatile LinkState _state;
    private volatile bool _isStopping;
    private int _isClosing;

    public string Name { get; } = name;

    /// <summary>Its place in the order in which links were made, in which they come back.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    public Source Source { get; protected set; } = new();

    public Target Target { get; protected set; } = new();

    public IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; private set; } = Empty.Fields;

    public IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; private set; } = [];

    public IConnection Connection => Session.Connection;

    public LinkState State => _state;

    public event EventHandler<LinkStateChangedEventArgs>? StateChanged;

    public Task<CloseReason> Closed => _closed.Task;

    /// <summary>Completes when the peer has attached; faults when it refused.</summary>
    public Task Attached => _attached.Task;

    /// <summary>The link for texts: its role, name, address and connection.</summary>
    public string Description => field ??= Describe();

    /// <summary>The session it is on; another one after a move.</summary>
    protected SessionEndpoint Session { get; private set; } = session;

    /// <summary>The loop that owns the link.</summary>
    public ConnectionLoop Loop => Session.Owner.Loop;

    /// <summary>The engine's link; null before the attach and while the link moves to another session.</summary>
    protected abstract Link? EngineLink { get; }

    /// <summary>Whether our detach is written, so that nothing more may be sent on the link. Owned by the loop.</summary>
    protected bool IsDetaching => _isDetaching;

    protected abstract string RoleAndAddress { get; }

    /// <summary>Whether the terminus at the peer outlives the link, so that disposing must not end it.</summary>
    protected abstract bool IsTerminusKept { get; }

    /// <summary>Whether it can be attached anew when it was lost: it was attached by this side, and is not being closed.</summary>
    public bool IsRecoverable => !IsAdopted && !IsClosing && !Session.IsAdopted;

    /// <summary>Whether the peer attached it.</summary>
    protected bool IsAdopted { get; set; }

    /// <summary>The token that the peer wants before each attach; null where none is needed.</summary>
    public TokenGate? Token { get; set; }

    /// <summary>Whether nothing is to be waited for before the attach. Runs on the loop.</summary>
    public bool IsReady => Token is not { } token || token.IsOpen(Session.Owner.Cbs);

    /// <summary>Why the link ended; null while it lives.</summary>
    protected CloseReason? Reason => _reason;

    /// <summary>Whether it takes nothing new, and what is under way may finish.</summary>
    protected bool IsStopping => _isStopping;

    protected bool IsClosing => Volatile.Read(ref _isClosing) != 0;

    public ValueTask DetachAsync(CancellationToken cancellationToken = default) => EndAsync(closed: false, error: null, cancellationToken);

    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => EndAsync(closed: true, error: null, cancellationToken);

    public ValueTask CloseAsync(AmqpError? error, CancellationToken cancellationToken = default) => EndAsync(closed: true, error, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(DisposeTimeout, Loop.Settings.TimeProvider);
        try
        {
            await EndAsync(closed: !IsTerminusKept, error: null, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            LinkLog.CloseFailed(Loop.Settings.Logger, Description, exception.Message);
        }
    }

    /// <summary>The peer's attach. Runs on the loop.</summary>
    public void OnAttached(in Attach attach)
    {
        if (EngineLink!.IsRefused)
            return;
        TakeTermini(attach);
        MarkAttached(attach);
    }

    /// <summary>The link is up. Runs on the loop.</summary>
    protected void MarkAttached(in Attach attach)
    {
        RemoteProperties = attach.Properties ?? Empty.Fields;
        RemoteOfferedCapabilities = attach.OfferedCapabilities ?? [];
        LinkLog.Attached(Loop.Settings.Logger, Description);
        _backOff?.OnUp();
        SetState(LinkState.Attached, cause: null);
        _attached.TrySetResult();
    }

    /// <summary>Writes our attach. Runs on the loop.</summary>
    /// <exception cref="MessagingException">A limit of the peer is reached.</exception>
    public abstract void Attach(Session session);

    /// <summary>Ends the link once, with everything that waits for it. Runs on the loop.</summary>
    public void End(CloseReason reason)
    {
        if (_reason is not null)
            return;
        _reason = reason;
        Session.Links.Remove(this);
        OnEnded(reason);
        SetState(LinkState.Detached, reason.Exception);
        LinkLog.Ended(Loop.Settings.Logger, Description, reason.Initiator, reason.Exception?.Message ?? "closed");
        _attached.TrySetException(reason.Exception ?? new LinkException($"{Description} was closed before it was attached."));
        _ = _attached.Task.Exception;
        _closed.TrySetResult(reason);
    }

    /// <summary>Throws what a call on an ended or closing link throws.</summary>
    public void ThrowIfEnded()
    {
        if (_reason is { } reason)
            throw EndedException(reason);
        if (IsClosing || _isStopping)
            throw ClosedHere();
    }

    /// <summary>Takes nothing new and lets what is under way finish until the token is cancelled; a lost link may come back meanwhile.</summary>
    public ValueTask StopAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        return FinishAllAsync(cancellationToken);
    }

    /// <summary>How long it has done nothing, for the watchdog. Owned by the loop.</summary>
    public Stall? Stall { get; set; }

    /// <summary>Whether it has something to do and cannot. Runs on the loop.</summary>
    public abstract bool IsStalled { get; }

    /// <summary>Asks the peer for a sign of life. Runs on the loop.</summary>
    /// <param name="answers">Whether it has given one.</param>
    /// <returns>False when it was asked just now: look again later.</returns>
    public virtual bool TryAsk(out bool answers) => answers = true;

    /// <summary>What is not finished. Runs on the loop.</summary>
    public abstract LinkRemains Remains { get; }

    /// <summary>Gives up on an attach: the peer's late answer is answered with a detach.</summary>
    public void AbandonAttach() => Loop.Post(new AbandonCommand(this));

    /// <summary>Takes the real termini from the peer's attach.</summary>
    protected abstract void TakeTermini(in Attach attach);

    /// <summary>Forgets the engine's link, and what was in flight on it. Runs on the loop.</summary>
    protected abstract void OnLost(CloseReason reason);

    /// <summary>Ends everything that waits for the link. Runs on the loop.</summary>
    protected abstract void OnEnded(CloseReason reason);

    /// <summary>Whether the peer refuses what the attach asks it to resume, so that attaching without that may help.</summary>
    protected virtual bool IsResumeRefused(AmqpError? error) => false;

    /// <summary>Lets work in flight finish until the token is cancelled.</summary>
    protected abstract ValueTask FinishAsync(CancellationToken cancellationToken);

    /// <summary>Lets everything finish that the application waits for or has in its hands, until the token is cancelled.</summary>
    protected abstract ValueTask FinishAllAsync(CancellationToken cancellationToken);

    /// <summary>The last thing before our detach. Runs on the loop.</summary>
    protected abstract void OnDetaching();

    /// <summary>What calls on the ended link throw; the reason of a session or connection does not name the link by itself.</summary>
    protected Exception EndedException(CloseReason reason)
    {
        string text = $"{Description} has ended. {reason.Exception?.Message}";
        return reason.Exception switch
        {
            null => ClosedHere(),
            LinkException e => new LinkException(e.Message, e.Error, e.IsTransient, e),
            SessionException e => new SessionException(text, e.Error, e.IsTransient, e),
            MessagingConnectionException e => new MessagingConnectionException(text, e.Error, e.IsTransient, e),
            TlsException e => new TlsException(text, e.Error, e.IsTransient, e),
            SaslException e => new SaslException(e.Failure, text, e.Error, e.IsTransient, e),
            { } other => other,
        };
    }

    protected ObjectDisposedException ClosedHere() => new(GetType().Name, $"{Description} was closed here: create a new one.");

    private async ValueTask EndAsync(bool closed, AmqpError? error, CancellationToken cancellationToken)
    {
        Encodable.Require(error);
        Interlocked.Exchange(ref _isClosing, 1);
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        try
        {
            if (error is null)
                await FinishAsync(bound).ConfigureAwait(false);
            await Loop.InvokeAsync(() => DetachNow(closed, error)).WaitAsync(bound).ConfigureAwait(false);
            await _closed.Task.WaitAsync(bound).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            Loop.Post(new ForceEndCommand(this, closed, error));
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (MessagingException) when (Loop.IsStopping)
        {
            await _closed.Task.ConfigureAwait(false);
        }
    }

    private void DetachNow(bool closed, AmqpError? error)
    {
        if (_reason is not null || IsDetaching)
            return;
        _isDetaching = true;
        if (EngineLink is null)
        {
            End(new CloseReason(CloseInitiator.Local));
            return;
        }

        OnDetaching();
        EngineLink.Detach(closed, error);
    }

    private string Describe() => $"{PeerText.Escape(RoleAndAddress)} (link '{PeerText.Escape(Name)}', connection {Loop.Settings.Name})";

    private sealed class AbandonCommand(LinkEndpoint link) : ILoopCommand
    {
        public void Execute()
        {
            if (link._reason is not null)
                return;
            link.DetachNow(closed: true, error: null);
            link.End(new CloseReason(CloseInitiator.Local));
        }

        public void Abandon(MessagingException reason)
        {
        }
    }

    private sealed class ForceEndCommand(LinkEndpoint link, bool closed, AmqpError? error) : ILoopCommand
    {
        public void Execute()
        {
            link.DetachNow(closed, error);
            link.End(new CloseReason(CloseInitiator.Local));
        }

        public void Abandon(MessagingException reason)
        {
        }
    }
}
