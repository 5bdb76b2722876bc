using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;
using Messaging.Recovery;
using Messaging.Transport;

namespace Messaging.Client;

/// <summary>The opening, the end and the deadlines of a connection: what the loop and the engine tell it.</summary>
internal sealed partial class Connection : ILoopListener
{
    private const long ScanInterval = 100;

    private ConnectionRole? _role;
    private TaskCompletionSource? _opening;
    private Watchdog? _watchdog;
    private volatile bool _isOpen;
    private readonly List<OutgoingSend> _written = [];
    private readonly List<OutgoingSend> _flushing = [];
    private long _nextScan;
    private bool _isAwaitingDecision;
    private long _handshakeDeadline = long.MaxValue;

    /// <summary>What is to be done later. Owned by the loop.</summary>
    public LoopTimers Timers { get; }

    /// <summary>See <see cref="ISupervisor.CreateBackOff"/>.</summary>
    public BackOff? CreateBackOff() => _supervisor?.CreateBackOff();

    /// <summary>The sessions of both sides. Owned by the loop.</summary>
    public HashSet<SessionEndpoint> Sessions { get; } = [];

    /// <summary>Begins a line and waits until both sides are open.</summary>
    /// <exception cref="MessagingException">That failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled first; the line is gone.</exception>
    public async Task OpenAsync(ITransport transport, LoopSettings settings, ConnectionRole role, CancellationToken cancellationToken = default)
    {
        Task opened;
        try
        {
            opened = await Loop.InvokeAsync(() => OpenNow(transport, settings, role)).ConfigureAwait(false);
        }
        catch (MessagingException)
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        try
        {
            await opened.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _ = Loop.InvokeAsync(DropUnopened);
            await opened.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!opened.IsCompletedSuccessfully)
                throw;
        }
    }

    /// <summary>Tells the application that an attempt is to come.</summary>
    public void OnReconnecting(MessagingException cause, int attempt, TimeSpan delay, string endpoint) =>
        _states.SetReconnecting(cause, attempt, delay, endpoint);

    /// <summary>Both sides are open. Runs on the loop.</summary>
    public void MarkOpen()
    {
        _handshakeDeadline = long.MaxValue;
        _isOpen = true;
        _states.Set(ConnectionState.Connected, cause: null, Loop.Settings.Name);
        LoopLog.Opened(Loop.Settings.Logger, Loop.Settings.Name, PeerText.Escape(RemoteContainerId ?? ""));
        _supervisor?.OnOpened();
        _opening!.TrySetResult();
        foreach (SessionEndpoint session in Sessions.OrderBy(session => session.Number).ToArray())
            session.Resume();
    }

    /// <summary>The application's decision is under way; it has a deadline of its own. Runs on the loop.</summary>
    public void AwaitDecision()
    {
        _isAwaitingDecision = true;
        _handshakeDeadline = Loop.Clock.DeadlineIn(Loop.Settings.DecisionTimeout);
    }

    void IEngineEvents.OnOpened(in Open open)
    {
        RemoteContainerId = open.ContainerId;
        RemoteProperties = open.Properties ?? Empty.Fields;
        RemoteOfferedCapabilities = open.OfferedCapabilities ?? [];
        _role!.OnOpened(this, open);
    }

    void IEngineEvents.OnClosed(AmqpError? error)
    {
        if (Volatile.Read(ref _isClosing) != 0 && error is null)
        {
            Loop.Stop(new CloseReason(CloseInitiator.Local));
            return;
        }

        string said = error is null ? "without an error" : $"because {error}";
        bool isTransient = error is null || ErrorKinds.IsTransient(error.Condition);
        Loop.Stop(new CloseReason(CloseInitiator.Remote, new MessagingConnectionException(
            ErrorKinds.Sentence($"Connection {Loop.Settings.Name} was closed by the peer {said}", isTransient ? "Connect again." : ErrorKinds.Advice(error)), error, isTransient)));
    }

    void IEngineEvents.OnFailed(AmqpError error) => Loop.Stop(new CloseReason(CloseInitiator.Transport, Loop.Engine!.IsAuthenticating
        ? new SaslException(SaslFailure.ProtocolViolation, ErrorKinds.WithAdvice($"Connection {Loop.Settings.Name} was ended by this side while authenticating: {error}", error), error)
        : new MessagingConnectionException(ErrorKinds.WithAdvice($"Connection {Loop.Settings.Name} was ended by this side: {error}", error), error, ErrorKinds.IsTransient(error.Condition))));

    /// <summary>Completes a pre-settled send once what holds it has been flushed.</summary>
    public void CompleteWhenFlushed(OutgoingSend send) => _written.Add(send);

    void ILoopListener.OnFlushing()
    {
        _flushing.AddRange(_written);
        _written.Clear();
    }

    void ILoopListener.OnFlushed()
    {
        foreach (OutgoingSend send in _flushing)
            send.Sender.OnFlushed(send);
        _flushing.Clear();
    }

    long ILoopListener.CheckDeadlines(long now)
    {
        if (_handshakeDeadline <= now)
            OnHandshakeTimeout();
        Timers.Run(now);
        bool isTimed = now < _nextScan ? HasTimed() : Scan(now);
        return Math.Min(Math.Min(_handshakeDeadline, Timers.NextDue), isTimed ? _nextScan : long.MaxValue);
    }

    bool ILoopListener.OnLineEnded(CloseReason reason)
    {
        bool wasOpen = _isOpen;
        _isOpen = false;
        _isAwaitingDecision = false;
        _handshakeDeadline = long.MaxValue;
        _written.Clear();
        _flushing.Clear();
        Sasl.Stop();
        _role!.OnStopped();
        FailOpening(reason);
        bool isRecovering = _supervisor is not null && Volatile.Read(ref _isClosing) == 0 && (!wasOpen || _supervisor.ShouldRecover(reason));
        if (wasOpen)
            TellError(reason, isRecovering);
        if (!isRecovering || !wasOpen)
            return isRecovering; // when an attempt has failed, the supervisor decides
        foreach (SessionEndpoint session in Sessions.ToArray())
            session.Suspend(reason);
        _supervisor!.Recover(reason);
        return true;
    }

    /// <summary>A server that asks to be left for another one (forced, or a redirect) is no error while that can be done.</summary>
    private void TellError(CloseReason reason, bool isRecovering)
    {
        if (reason.Exception is not { } exception || reason is { Initiator: CloseInitiator.Remote, Error: null })
            return;
        bool isMove = exception.Error?.Condition == ErrorCondition.ConnectionForced || exception.Error?.Condition == ErrorCondition.ConnectionRedirect;
        if (reason.Initiator == CloseInitiator.Remote && isMove && isRecovering)
            return;
        bool isTransport = reason.Initiator == CloseInitiator.Transport && (reason.Error is null || isMove || reason.IsTimeout);
        OnError(new MessagingErrorEventArgs(isTransport ? ErrorScope.Transport : ErrorScope.Connection, exception, isRecovering));
    }

    /// <summary>A connection that was lost does not come back: its loss was told as one that is being repaired, and this is the end of that.</summary>
    public void OnGivenUp(MessagingException cause) =>
        OnError(new MessagingErrorEventArgs(cause.Error is null && cause is not SaslException ? ErrorScope.Transport : ErrorScope.Connection, cause, isRecovering: false));

    void ILoopListener.OnStopped(CloseReason reason)
    {
        try
        {
            EndAll(reason);
        }
        finally
        {
            FailOpening(reason);
            _closed.TrySetResult(reason);
        }
    }

    private void EndAll(CloseReason reason)
    {
        foreach (SessionEndpoint session in Sessions.ToArray())
            session.End(reason);
        _incomingLinks.End(reason);
        bool isFault = reason.Exception is not null && (reason.Initiator == CloseInitiator.Transport || reason.Error is not null);
        _states.Set(isFault ? ConnectionState.Faulted : ConnectionState.Closed, reason.Exception);
        LoopLog.Ended(Loop.Settings.Logger, Loop.Settings.Name, reason.Initiator, reason.Exception?.Message ?? "closed");
    }

    private Task OpenNow(ITransport transport, LoopSettings settings, ConnectionRole role)
    {
        // An attempt that succeeds while the connection is being ended comes too late: nobody would stop its line.
        if (Loop.HasEnded || _isCloseSent)
            throw new MessagingConnectionException($"Connection {Loop.Settings.Name} was closed before it was open.", isTransient: false);
        _opening = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _role = role;
        _handshakeDeadline = Loop.Clock.DeadlineIn(role.HandshakeTimeout);
        Loop.Open(transport, settings);
        if (_watchdog is null && role.Watchdog is { } watchdog)
        {
            _watchdog = new Watchdog(this, watchdog);
            _watchdog.Start();
        }

        Sasl = role.CreateSasl(this);
        return _opening.Task;
    }

    private void DropUnopened()
    {
        if (!_isOpen)
            Loop.Drop(new CloseReason(CloseInitiator.Local));
    }

    private void FailOpening(CloseReason reason)
    {
        if (_opening is null)
            return;
        _opening.TrySetException(reason.Exception ?? new MessagingConnectionException($"Connection {Loop.Settings.Name} was closed before it was open.", isTransient: false));
        _ = _opening.Task.Exception;
    }

    private void OnHandshakeTimeout()
    {
        _handshakeDeadline = long.MaxValue;
        AmqpError error = _isAwaitingDecision
            ? new AmqpError(ErrorCondition.NotAllowed, $"the connection was not accepted within {Loop.Settings.DecisionTimeout}")
            : new AmqpError(ErrorCondition.ResourceLimitExceeded, $"the handshake took longer than {_role!.HandshakeTimeout}");
        string what = ErrorKinds.Sentence($"Connection {Loop.Settings.Name} was given up by this side: {error}", _isAwaitingDecision
            ? "Accept or refuse it sooner, or raise DecisionTimeout."
            : "The peer's log may say what it waits for; a slow network needs a longer HandshakeTimeout.");
        MessagingException exception = Loop.Engine!.IsAuthenticating
            ? new SaslException(SaslFailure.Timeout, what, error)
            : new MessagingConnectionException(what, error, isTransient: true);
        Loop.Engine!.Refuse(error); // for a peer that understands frames by now
        Loop.Engine.Close(error);
        Loop.Stop(new CloseReason(CloseInitiator.Transport, exception));
    }

    /// <summary>Deadlines are looked at every tenth of a second at most: a time-out may come that much late.</summary>
    private bool Scan(long now)
    {
        _nextScan = now + ScanInterval;
        _incomingLinks.RefuseUndecided(now);
        if (Loop.TimedSends > 0)
        {
            foreach (SessionEndpoint session in Sessions)
            {
                foreach (LinkEndpoint link in session.Links)
                    (link as Sender)?.CheckDeadlines(now);
            }
        }

        return HasTimed();
    }

    /// <summary>Asked on each turn: the answer must not cost more with more links.</summary>
    private bool HasTimed() => _incomingLinks.Count > 0 || Loop.TimedSends > 0;
}
