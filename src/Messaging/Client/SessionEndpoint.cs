using Messaging.Amqp;
using Messaging.Amqp.Engine;

namespace Messaging.Client;

/// <summary>The life of a session and the set of its links. The part that touches the engine runs on the loop.</summary>
internal sealed class SessionEndpoint(Connection owner) : LinkFactory, ISession
{
    private static readonly TimeSpan DisposeTimeout = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CloseReason? _reason;
    private IReadOnlyList<LinkEndpoint> _arriving = [];
    private bool _isEnding;

    public Connection Owner { get; } = owner;

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

    /// <summary>The links of the session. Owned by the loop.</summary>
    public HashSet<LinkEndpoint> Links { get; } = [];

    /// <summary>The engine's session. Owned by the loop.</summary>
    public Session? Engine { get; set; }

    /// <summary>The engine's session while it lives. Runs on the loop.</summary>
    /// <exception cref="SessionException">The session has ended.</exception>
    public Session RequireEngine()
    {
        if (_reason is null && Engine is not null)
            return Engine;
        if (_reason?.Exception is { } cause)
            throw new SessionException($"The session of connection {Owner.Loop.Settings.Name} has ended: begin a new one. {cause.Message}", cause.Error, cause.IsTransient, cause);
        throw new SessionException($"The session of connection {Owner.Loop.Settings.Name} was closed here: begin a new one.");
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
            LinkLog.CloseFailed(Owner.Loop.Settings.Logger, $"A session of connection {Owner.Loop.Settings.Name}", exception.Message);
        }
    }

    /// <summary>Gives up on a begin that the peer has not answered. Runs on the loop.</summary>
    public void Abandon() => ForceEnd(error: null);

    /// <summary>The peer's begin. Runs on the loop.</summary>
    public void OnBegun()
    {
        _begun.TrySetResult();
        foreach (LinkEndpoint link in _arriving)
            link.MoveTo(this);
        _arriving = [];
    }

    /// <summary>Takes the links of a lost session over as soon as the peer has begun this one. Runs on the loop.</summary>
    public void Receive(IReadOnlyList<LinkEndpoint> links) => _arriving = links;

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
            End(new CloseReason(CloseInitiator.Transport, new SessionException(
                $"A session of connection {Owner.Loop.Settings.Name} was ended by this side, because the peer broke the protocol: {error}. Report it to the maker of the peer.", error)));
            return;
        }

        string said = error is null ? "the peer gave no reason" : $"the peer said {error}";
        string what = _begun.Task.IsCompletedSuccessfully ? "was ended by the peer" : "was refused by the peer";
        bool isTransient = error is null || ErrorKinds.IsTransient(error.Condition);
        LinkEndpoint[] moving = DefaultSession is null ? [] : [.. Links.Where(link => link.IsMovable), .. _arriving];
        var reason = new CloseReason(CloseInitiator.Remote, new SessionException(
            $"A session of connection {Owner.Loop.Settings.Name} {what}: {said}. {ErrorKinds.Advice(error)}", error, isTransient));
        foreach (LinkEndpoint link in moving)
            link.LeaveSession(reason);
        _arriving = [];
        End(reason);
        DefaultSession?.Replace(this, moving);
    }

    /// <summary>Ends the session and its links. Runs on the loop.</summary>
    public void End(CloseReason reason)
    {
        if (_reason is not null)
            return;
        _reason = reason;
        Owner.Sessions.Remove(this);
        foreach (LinkEndpoint link in Links.Concat(_arriving).ToArray())
            link.End(LinkReason(link, reason));
        _arriving = [];
        _begun.TrySetException(reason.Exception ?? new SessionException($"The session of connection {Owner.Loop.Settings.Name} was ended before it had begun."));
        _ = _begun.Task.Exception;
        _closed.TrySetResult(reason);
    }

    /// <summary>Some servers answer a bad attach by ending the session: the pending link then failed for that reason.</summary>
    private static CloseReason LinkReason(LinkEndpoint link, CloseReason reason) =>
        !link.Attached.IsCompleted && reason is { Initiator: CloseInitiator.Remote, Exception: SessionException { Error: { } error } cause }
            ? new CloseReason(reason.Initiator, new LinkException(
                $"{link.Description} was refused by the peer, which ended the session: {error}. {ErrorKinds.Advice(error)}", error, cause.IsTransient, cause))
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
        Engine?.End(error);
    }

    private void ForceEnd(AmqpError? error)
    {
        EndNow(error);
        End(new CloseReason(CloseInitiator.Local));
    }

    protected override ValueTask<SessionEndpoint> SessionForLinkAsync(CancellationToken cancellationToken) => new(this);
}
