using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>The opening, the end and the deadlines of a connection: what the loop and the engine tell it.</summary>
internal sealed partial class Connection : ILoopListener
{
    private const long ScanInterval = 100;

    private readonly ConnectionRole _role;
    private readonly List<OutgoingSend> _written = [];
    private readonly List<OutgoingSend> _flushing = [];
    private long _nextScan;
    private bool _isAwaitingDecision;
    private long _handshakeDeadline = long.MaxValue;

    /// <summary>The sessions of both sides. Owned by the loop.</summary>
    public HashSet<SessionEndpoint> Sessions { get; } = [];

    /// <summary>Starts the loop and, on a listener, the time for the handshake.</summary>
    public void Start()
    {
        if (_role.HandshakeTimeout is { } timeout)
            _handshakeDeadline = Loop.Clock.DeadlineIn(timeout);
        Sasl = _role.CreateSasl(this);
        Loop.Start();
    }

    /// <summary>Both sides are open. Runs on the loop.</summary>
    public void MarkOpen()
    {
        _handshakeDeadline = long.MaxValue;
        _states.Set(ConnectionState.Connected, cause: null);
        LoopLog.Opened(Loop.Settings.Logger, Loop.Settings.Name, RemoteContainerId ?? "");
        _opened.TrySetResult();
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
        _role.OnOpened(this, open);
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
            $"Connection {Loop.Settings.Name} was closed by the peer {said}. {(isTransient ? "Connect again." : ErrorKinds.Advice(error))}", error, isTransient)));
    }

    void IEngineEvents.OnFailed(AmqpError error) => Loop.Stop(new CloseReason(CloseInitiator.Transport, new MessagingConnectionException(
        $"Connection {Loop.Settings.Name} was ended by this side: {error}", error, ErrorKinds.IsTransient(error.Condition))));

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
        bool isTimed = now < _nextScan ? HasTimed() : Scan(now);
        return Math.Min(_handshakeDeadline, isTimed ? _nextScan : long.MaxValue);
    }

    void ILoopListener.OnStopped(CloseReason reason)
    {
        _role.OnStopped();
        foreach (SessionEndpoint session in Sessions.ToArray())
            session.End(reason);
        _incomingLinks.End(reason);
        bool isFault = reason.Exception is not null && (reason.Initiator == CloseInitiator.Transport || reason.Error is not null);
        _states.Set(isFault ? ConnectionState.Faulted : ConnectionState.Closed, reason.Exception);
        LoopLog.Ended(Loop.Settings.Logger, Loop.Settings.Name, reason.Initiator, reason.Exception?.Message ?? "closed");
        _opened.TrySetException(reason.Exception ?? new MessagingConnectionException($"Connection {Loop.Settings.Name} was closed before it was open.", isTransient: false));
        _ = _opened.Task.Exception;
        _closed.TrySetResult(reason);
    }

    private void OnHandshakeTimeout()
    {
        _handshakeDeadline = long.MaxValue;
        AmqpError error = _isAwaitingDecision
            ? new AmqpError(ErrorCondition.NotAllowed, $"the connection was not accepted within {Loop.Settings.DecisionTimeout}")
            : new AmqpError(ErrorCondition.ResourceLimitExceeded, $"the handshake took longer than {_role.HandshakeTimeout}");
        Loop.Engine.Refuse(error); // for a peer that understands frames by now
        Loop.Engine.Close(error);
        Loop.Stop(new CloseReason(CloseInitiator.Transport, new MessagingConnectionException($"Connection {Loop.Settings.Name} was refused by this side: {error}.", error)));
    }

    /// <summary>Deadlines are looked at every tenth of a second at most: a time-out may come that much late.</summary>
    private bool Scan(long now)
    {
        _nextScan = now + ScanInterval;
        _incomingLinks.RefuseUndecided(now);
        foreach (SessionEndpoint session in Sessions)
        {
            foreach (LinkEndpoint link in session.Links)
                (link as Sender)?.CheckDeadlines(now);
        }

        return HasTimed();
    }

    private bool HasTimed()
    {
        if (_incomingLinks.Count > 0)
            return true;
        foreach (SessionEndpoint session in Sessions)
        {
            foreach (LinkEndpoint link in session.Links)
            {
                if (link is Sender { HasTimedSends: true })
                    return true;
            }
        }

        return false;
    }
}
