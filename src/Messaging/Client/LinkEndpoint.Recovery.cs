using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Loop;
using Messaging.Recovery;

namespace Messaging.Client;

/// <summary>How a link is lost and comes back. Runs on the loop.</summary>
internal abstract partial class LinkEndpoint
{
    /// <summary>How long the peer may take to answer the detach of a stalled link: its name is taken until then.</summary>
    private static readonly TimeSpan BounceTimeout = TimeSpan.FromSeconds(10);

    private BackOff? _backOff;

    /// <summary>Whether our detach is written and the link attaches again after the peer's: nothing may be sent on it meanwhile. Owned by the loop.</summary>
    protected bool IsBouncing { get; private set; }

    /// <summary>Detaches it and attaches it again. Runs on the loop.</summary>
    public void Bounce()
    {
        if (!IsRecoverable || EngineLink is not { IsAttached: true } link)
            return;
        IsBouncing = true;
        link.Detach(closed: false, error: null);
        Session.Owner.Timers.Add(BounceTimeout, () => OnBounceTimeout(link));
    }

    /// <summary>A peer that does not answer a detach keeps the link's name, and nothing but a new connection frees it.</summary>
    private void OnBounceTimeout(Link bounced)
    {
        if (_reason is not null || !IsBouncing || !ReferenceEquals(EngineLink, bounced))
            return;
        Loop.Drop(new CloseReason(CloseInitiator.Transport, new MessagingConnectionException(
            $"{Description} was stalled, and the peer did not answer its detach within {BounceTimeout}: the connection is given up.", isTransient: true)));
    }

    /// <summary>The peer's detach, or its answer to ours. Runs on the loop.</summary>
    public void OnDetached(bool closed, AmqpError? error)
    {
        if (_reason is not null)
            return; // the answer to a detach of ours that ended it
        if (_isDetaching)
        {
            End(new CloseReason(CloseInitiator.Local));
            return;
        }

        if (IsBouncing)
        {
            Lose(new CloseReason(CloseInitiator.Local, new LinkException($"{Description} was stalled and is attached again.", isTransient: true)));
            Reattach();
            return;
        }

        if (EngineLink is { IsFailed: true })
        {
            var violation = new LinkException(
                ErrorKinds.WithAdvice($"{Description} was closed by this side: {error}", error), error, error is not null && ErrorKinds.IsTransient(error.Condition));
            Session.Owner.OnError(new MessagingErrorEventArgs(ErrorScope.Link, violation, isRecovering: false) { Link = this });
            End(new CloseReason(CloseInitiator.Transport, violation));
            return;
        }

        string said = error is null ? "the peer gave no reason" : $"the peer said {error}";
        string what = _attached.Task.IsCompleted ? "was detached by the peer" : "was refused by the peer";
        bool isTransient = error is null || ErrorKinds.IsTransient(error.Condition);
        var reason = new CloseReason(CloseInitiator.Remote, new LinkException(ErrorKinds.WithAdvice($"{Description} {what}: {said}", error), error, isTransient)) { IsClosedByPeer = closed };
        BackOff? backOff = _attached.Task.IsCompletedSuccessfully && IsRecoverable && (ErrorKinds.IsLinkRecoverable(closed, error) || IsResumeRefused(error)) ? Session.Owner.CreateBackOff() : null;
        if (error is not null && _attached.Task.IsCompletedSuccessfully)
            Session.Owner.OnError(new MessagingErrorEventArgs(ErrorScope.Link, reason.Exception!, isRecovering: backOff is not null) { Link = this });
        if (backOff is not null)
            ReattachLater(reason, backOff);
        else
            End(reason);
    }

    /// <summary>The link is lost and may come back: what was in flight is settled with the application as it wishes, the rest waits. Runs on the loop.</summary>
    public void Suspend(CloseReason reason)
    {
        if (IsRecoverable)
            Lose(reason);
        else
            End(IsClosing ? new CloseReason(CloseInitiator.Local) : reason);
    }

    /// <summary>Goes on on another session, once that has begun. Runs on the loop.</summary>
    public void MoveTo(SessionEndpoint session)
    {
        if (_reason is not null)
            return;
        Session = session;
        session.Links.Add(this);
        LinkLog.Moved(Loop.Settings.Logger, Description);
    }

    /// <summary>Attaches the link anew, if its session is up and it is not attached. Runs on the loop.</summary>
    public void Reattach()
    {
        if (_reason is not null || EngineLink is not null || !Session.IsUp || !IsReady)
            return;
        try
        {
            Attach(Session.Engine!);
        }
        catch (Exception exception) when (exception is MessagingException or InvalidOperationException or ArgumentException)
        {
            Fail(new CloseReason(CloseInitiator.Transport, LinkErrors.NotAttached(this, exception)));
        }
    }

    /// <summary>The peer has no token for the link: it is tried again later if that can help and the link was up before. Runs on the loop.</summary>
    public void OnTokenFailed(MessagingException cause)
    {
        if (_reason is not null)
            return;
        var reason = new CloseReason(
            cause.Error is null ? CloseInitiator.Transport : CloseInitiator.Remote,
            new LinkException($"{Description} is not attached: {cause.Message}", cause.Error, cause.IsTransient, cause));
        if (cause.IsTransient && _attached.Task.IsCompletedSuccessfully && Session.Owner.CreateBackOff() is { } backOff)
            AttachLater(reason, backOff);
        else
            Fail(reason);
    }

    /// <summary>Ends the link, which was up before or still waits to be, for an error: who waits for its first attach learns it from that call, all others from the event. Runs on the loop.</summary>
    protected void Fail(CloseReason reason)
    {
        if (_reason is not null)
            return;
        if (_attached.Task.IsCompletedSuccessfully)
            Session.Owner.OnError(new MessagingErrorEventArgs(ErrorScope.Link, reason.Exception!, isRecovering: false) { Link = this });
        End(reason);
    }

    private void ReattachLater(CloseReason reason, BackOff backOff)
    {
        Lose(reason);
        AttachLater(reason, backOff);
    }

    private void AttachLater(CloseReason reason, BackOff backOff)
    {
        _backOff ??= backOff;
        _backOff.OnDown();
        TimeSpan delay = _backOff.Next();
        LinkLog.Lost(Loop.Settings.Logger, Description, delay, reason.Exception!.Message);
        Session.Owner.Timers.Add(delay, Reattach);
    }

    private void Lose(CloseReason reason)
    {
        IsBouncing = false;
        Stall = null; // the next attach has its own time
        OnLost(reason);
        if (_state == LinkState.Attached)
            SetState(LinkState.Lost, reason.Exception);
    }

    private void SetState(LinkState state, MessagingException? cause)
    {
        LinkState previous = _state;
        _state = state;
        Session.Owner.Events.Raise(StateChanged, this, new LinkStateChangedEventArgs(previous, state, cause));
    }
}
