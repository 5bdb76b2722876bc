using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Recovery;

namespace Messaging.Client;

/// <summary>The life of a session and the set of its links. The part that touches the engine runs on the loop.</summary>
internal sealed class SessionEndpoint(Connection owner) : LinkFactory, ISession
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(5);
    private static long _lastNumber;

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CloseReason? _reason;
    private BackOff? _backOff;
    private bool _isEnding;

    public Connection Owner { get; } = owner;

    /// <summary>Its place in the order in which sessions were made, in which they come back.</summary>
    public long Number { get; } = Interlocked.Increment(ref _lastNumber);

    public IConnection Connection => Owner;

    public Task<CloseReason> Closed => _closed.Task;

    /// <summary>Completes when the peer has begun; faults when it refused.</summary>
    public Task Begun => _begun.Task;

    /// <summary>Where the links go when the peer ends this session: set on the default session only.</summary>
    public DefaultSession? DefaultSession { get; init; }

    /// <summary>How many transfer frames the peer may send ahead; null for the default.</summary>
    public uint? IncomingWindow { get; init; }

    /// <summary>Whether the session stands in for one that the peer ended.</summary>
    public bool IsReplacement { get; init; }

    /// <summary>The links of the session, those included that wait for it to begin. Owned by the loop.</summary>
    public HashSet<LinkEndpoint> Links { get; } = [];

    /// <summary>Whether it goes with its line: the peer began it, or it is of no use on another one.</summary>
    public bool IsAdopted { get; init; }

    /// <summary>Whether it serves the connection itself: the application has no links on it.</summary>
    public bool IsInternal { get; init; }

    /// <summary>Whether it is being ended here. Owned by the loop.</summary>
    public bool IsEnding => _isEnding;

    /// <summary>Whether both sides have begun it. Owned by the loop.</summary>
    public bool IsUp => _reason is null && Engine is { IsBegun: true };

    /// <summary>The engine's session. Owned by the loop.</summary>
    public Session? Engine { get; set; }

    private string Description => field ??= $"A session of connection {Owner.Loop.Settings.Name}";

    /// <summary>Adds a link, which attaches now or as soon as the session has begun. Runs on the loop.</summary>
    /// <exception cref="SessionException">The session has ended.</exception>
    /// <exception cref="LinkException">handle-max is reached, or the attach is too large for the peer's frames.</exception>
    public void Add(LinkEndpoint link)
    {
        if (_reason?.Exception is { } cause)
            throw new SessionException($"{Description} has ended: begin a new one. {cause.Message}", cause.Error, cause.IsTransient, cause);
        if (_reason is not null || _isEnding)
            throw new SessionException($"{Description} was closed here: begin a new one.");
        Links.Add(link);
        if (!IsUp || !link.IsReady)
            return;
        try
        {
            link.Attach(Engine!);
        }
        catch (Exception exception) when (exception is EngineException or InvalidOperationException)
        {
            Links.Remove(link);
            throw LinkErrors.NotAttached(link, exception);
        }
        catch
        {
            Links.Remove(link);
            throw;
        }
    }

    protected override Connection Factory => Owner;

    public ValueTask CloseAsync(CancellationToken cancellationToken = default) => CloseAsync(null, cancellationToken);

    public async ValueTask CloseAsync(AmqpError? error, CancellationToken cancellationToken = default)
    {
        Encodable.Require(error);
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Owner.Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        try
        {
            if (error is null)
                await CloseLinksAsync(bound).ConfigureAwait(false);
            await Owner.Loop.InvokeAsync(() => EndNow(error)).WaitAsync(bound).ConfigureAwait(false);
            await _closed.Task.WaitAsync(bound).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = Owner.Loop.InvokeAsync(() => ForceEnd(error));
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (MessagingException) when (Owner.Loop.IsStopping)
        {
            await _closed.Task.ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(DisposeTimeout, Owner.Loop.Settings.TimeProvider);
        try
        {
            await CloseAsync(null, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            LinkLog.CloseFailed(Owner.Loop.Settings.Logger, Description, exception.Message);
        }
    }

    /// <summary>Gives up on a begin that the peer has not answered. Runs on the loop.</summary>
    public void Abandon() => ForceEnd(error: null);

    /// <summary>The peer's begin. Runs on the loop.</summary>
    public void OnBegun()
    {
        _begun.TrySetResult();
        _backOff?.OnUp();
        foreach (LinkEndpoint link in Links.OrderBy(link => link.Number).ToArray())
            link.Reattach();
    }

    /// <summary>There is a line: the session begins on it. Runs on the loop.</summary>
    public void Resume()
    {
        if (_reason is not null || Engine is not null)
            return;
        try
        {
            Owner.BeginNow(this);
        }
        catch (MessagingException exception)
        {
            if (_begun.Task.IsCompletedSuccessfully)
                Owner.OnError(new MessagingErrorEventArgs(ErrorScope.Session, exception, isRecovering: false) { Session = this });
            End(new CloseReason(CloseInitiator.Transport, exception));
        }
    }

    /// <summary>The line is lost, or the peer has ended the session and may take it again: it waits with its links. Runs on the loop.</summary>
    public void Suspend(CloseReason reason)
    {
        if (_isEnding || IsAdopted)
        {
            End(_isEnding ? new CloseReason(CloseInitiator.Local) : reason);
            return;
        }

        Engine = null;
        Owner.ForgetLinksOf(this); // what the peer attached and nobody has decided about is gone with the line
        foreach (LinkEndpoint link in Links.ToArray())
            link.Suspend(reason);
    }

    /// <summary>The peer's end, or its answer to ours. Runs on the loop.</summary>
    public void OnEnded(AmqpError? error)
    {
        if (_isEnding)
        {
            End(new CloseReason(CloseInitiator.Local));
            return;
        }

        if (Engine is { IsFailed: true })
        {
            var violation = new SessionException(
                ErrorKinds.Sentence($"{Description} was ended by this side, because the peer broke the protocol: {error}", "Report it to the maker of the peer."), error);
            Owner.OnError(new MessagingErrorEventArgs(ErrorScope.Session, violation, isRecovering: false) { Session = this });
            End(new CloseReason(CloseInitiator.Transport, violation));
            return;
        }

        string said = error is null ? "the peer gave no reason" : $"the peer said {error}";
        string what = _begun.Task.IsCompletedSuccessfully ? "was ended by the peer" : "was refused by the peer";
        bool isTransient = error is null || ErrorKinds.IsTransient(error.Condition);
        var reason = new CloseReason(CloseInitiator.Remote, new SessionException(
            ErrorKinds.WithAdvice($"{Description} {what}: {said}", error), error, isTransient));
        bool isDefault = DefaultSession is not null;
        BackOff? backOff = !isDefault && !IsAdopted && error is not null && isTransient && Links.Count > 0 ? Owner.CreateBackOff() : null;
        if (error is not null && _begun.Task.IsCompletedSuccessfully)
            Owner.OnError(new MessagingErrorEventArgs(ErrorScope.Session, reason.Exception!, isRecovering: isDefault || backOff is not null) { Session = this });
        if (isDefault)
            Leave(reason);
        else if (backOff is not null)
            BeginLater(reason, backOff);
        else
            End(reason);
    }

    /// <summary>The links of the default session go on elsewhere, but not those that the peer was just asked for.</summary>
    private void Leave(CloseReason reason)
    {
        LinkEndpoint[] moving = [.. Links.Where(link => link.IsRecoverable && link.Attached.IsCompletedSuccessfully).OrderBy(link => link.Number)];
        foreach (LinkEndpoint link in moving)
        {
            link.Suspend(reason);
            Links.Remove(link);
        }

        End(reason);
        DefaultSession!.Replace(this, moving);
    }

    private void BeginLater(CloseReason reason, BackOff backOff)
    {
        Suspend(reason);
        _backOff ??= backOff;
        _backOff.OnDown();
        Owner.Timers.Add(_backOff.Next(), Resume);
    }

    /// <summary>Ends the session and its links. Runs on the loop.</summary>
    public void End(CloseReason reason)
    {
        if (_reason is not null)
            return;
        _reason = reason;
        Owner.Sessions.Remove(this);
        Owner.ForgetLinksOf(this);
        foreach (LinkEndpoint link in Links.ToArray())
            link.End(LinkReason(link, reason));
        _begun.TrySetException(reason.Exception ?? new SessionException($"{Description} was ended before it had begun."));
        _ = _begun.Task.Exception;
        _closed.TrySetResult(reason);
    }

    /// <summary>Some servers answer a bad attach by ending the session: the pending link then failed for that reason.</summary>
    private static CloseReason LinkReason(LinkEndpoint link, CloseReason reason) =>
        !link.Attached.IsCompleted && reason is { Initiator: CloseInitiator.Remote, Exception: SessionException { Error: { } error } cause }
            ? new CloseReason(reason.Initiator, new LinkException(
                ErrorKinds.WithAdvice($"{link.Description} was refused by the peer, which ended the session: {error}", error), error, cause.IsTransient, cause))
            : reason;

    private async Task CloseLinksAsync(CancellationToken cancellationToken)
    {
        LinkEndpoint[] links = await Owner.Loop.InvokeAsync(() => Links.ToArray()).WaitAsync(cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(links.Select(link => link.CloseAsync(cancellationToken).AsTask())).ConfigureAwait(false);
    }

    private void EndNow(AmqpError? error)
    {
        if (_reason is not null || _isEnding)
            return;
        _isEnding = true;
        if (Engine is null)
            End(new CloseReason(CloseInitiator.Local));
        else
            Engine.End(error);
    }

    private void ForceEnd(AmqpError? error)
    {
        EndNow(error);
        End(new CloseReason(CloseInitiator.Local));
    }

    protected override ValueTask<SessionEndpoint> SessionForLinkAsync(CancellationToken cancellationToken) => new(this);
}
