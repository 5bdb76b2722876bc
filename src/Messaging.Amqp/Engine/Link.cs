using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>One link endpoint (AMQP 1.0 part 2, 2.6). A link lives from the first attach to the second detach; attaching again makes another one.</summary>
internal abstract class Link
{
    private Attach _localAttach;
    private Attach _remoteAttach;
    private bool _attachSent;
    private bool _attachSeen;
    private bool _detachSeen;
    private bool _detachRaised;

    private protected Link(Session session, string name)
    {
        Session = session;
        Name = name;
    }

    /// <summary>The owner's own object for this link.</summary>
    public object? Owner { get; set; }

    public Session Session { get; }

    public string Name { get; }

    /// <summary>Both attaches seen and no detach, on a session that lives.</summary>
    public bool IsAttached => _attachSeen && IsLive;

    /// <summary>The peer's attach has no terminus of its own: a detach with the reason follows (2.6.3).</summary>
    public bool IsRefused { get; private set; }

    /// <summary>The largest message that the peer takes, in bytes; 0: no limit.</summary>
    public ulong RemoteMaxMessageSize => _remoteAttach.MaxMessageSize ?? 0;

    /// <summary>Our attach, as sent.</summary>
    public ref readonly Attach LocalAttach => ref _localAttach;

    /// <summary>The peer's attach: its termini, modes, capabilities and properties.</summary>
    public ref readonly Attach RemoteAttach => ref _remoteAttach;

    internal abstract bool IsSender { get; }

    internal uint LocalHandle => _localAttach.Handle;

    internal bool IsRemoteInitiated { get; set; }

    /// <summary>Why a link that the peer attached is refused without asking the owner.</summary>
    internal AmqpError? Refusal { get; set; }

    internal bool IsDetachSent { get; private set; }

    /// <summary>The peer has attached and neither we nor it have done anything since.</summary>
    internal bool IsRequested => _attachSeen && !_attachSent && !IsDetachSent && !_detachSeen;

    /// <summary>Deliveries of this link in the session's map.</summary>
    internal int Unsettled { get; set; }

    /// <summary>The next of our links of the same name that waits for the peer's attach.</summary>
    internal Link? NextAwaiting { get; set; }

    /// <summary>Frames may be written: our attach is out, no detach was seen or sent, the session lives.</summary>
    private protected bool IsLive => _attachSent && !IsDetachSent && !_detachSeen && Session.IsLive;

    private protected ConnectionEngine Connection => Session.Connection;

    /// <summary>Accepts a link that the peer attached. Name, handle and role are the engine's.</summary>
    /// <remarks>Does nothing when the link is no longer there to be accepted.</remarks>
    /// <exception cref="InvalidOperationException">The session is not begun, or the peer's handle-max is reached.</exception>
    /// <exception cref="EngineException">The attach is larger than a frame of the peer; nothing was written.</exception>
    public void Accept(in Attach attach)
    {
        if (IsRequested && !Session.IsDiscarding && Connection.CanWrite)
        {
            WriteAttach(in attach);
        }
    }

    /// <summary>Refuses a link that the peer attached: an attach without a terminus of ours, then a detach with the error (2.6.3).</summary>
    public void Refuse(AmqpError error)
    {
        if (IsRequested && Session.IsLive && WriteRefusal())
        {
            WriteDetach(closed: true, error);
            _detachRaised = true; // never attached for the owner
        }
    }

    /// <summary>Detaches the link or, with <paramref name="closed"/>, ends its terminus too; <see cref="IEngineEvents.OnDetached"/> comes with the peer's detach. Queued and unsettled deliveries are forgotten without an event.</summary>
    public void Detach(bool closed, AmqpError? error)
    {
        if (IsRequested && Session.IsLive)
        {
            if (WriteRefusal())
            {
                WriteDetach(closed, error);
            }
        }
        else if (IsLive)
        {
            Session.FlushDispositions();
            WriteDetach(closed, error);
        }
    }

    internal void WriteAttach(in Attach attach, bool isRefusal = false)
    {
        if (!Session.IsLive)
        {
            throw new InvalidOperationException("A link can be attached only to a session that is begun.");
        }

        if (!Session.TryAllocateHandle(this, out uint handle))
        {
            throw new InvalidOperationException("All handles that the peer allows on this session (handle-max) are in use.");
        }

        _localAttach = attach;
        _localAttach.Name = Name;
        _localAttach.Handle = handle;
        _localAttach.Role = !IsSender;
        if (IsSender)
        {
            _localAttach.InitialDeliveryCount ??= 0; // must not be null (2.7.3)
        }

        try
        {
            Connection.Write(Session.Channel, in _localAttach);
        }
        catch
        {
            Session.ReleaseLocalHandle(this);
            throw;
        }

        _attachSent = true;
        if (!isRefusal)
        {
            OnAttachWritten();
        }
    }

    internal void OnRemoteAttach(in Attach attach)
    {
        _remoteAttach = attach;
        _attachSeen = true;
        IsRefused = IsSender ? attach.Target is null : attach.Source is null;
        OnAttachSeen();
    }

    /// <summary>The peer has answered our attach.</summary>
    internal void OnAnswered()
    {
        if (IsAttached)
        {
            Connection.Events.OnAttached(this, in _remoteAttach);
        }
    }

    internal void OnDetach(in Detach detach)
    {
        Session.ReleaseName(this);
        if (IsRequested)
        {
            WriteRefusal();
        }

        if (!IsDetachSent && _attachSent)
        {
            WriteDetach(detach.Closed, null);
        }

        _detachSeen = true;
        Session.ReleaseRemoteHandle(this);
        if (_attachSent)
        {
            Session.ReleaseLocalHandle(this);
        }

        RaiseDetached(detach.Closed, detach.Error);
    }

    /// <summary>A violation on this link: it is closed with the error, its session lives (2.6.5).</summary>
    internal void Fail(AmqpError error)
    {
        if (!Session.IsLive)
        {
            Session.Fail(error); // not begun by us yet: there is no link to detach
            return;
        }

        if (IsDetachSent || (IsRequested && !WriteRefusal()))
        {
            return;
        }

        Session.FlushDispositions();
        WriteDetach(closed: true, error);
        RaiseDetached(closed: true, error);
    }

    internal abstract void OnFlow(in Flow flow);

    private protected abstract void OnAttachWritten();

    private protected abstract void OnAttachSeen();

    private protected abstract void OnDetachWritten();

    /// <summary>The attach that a detach needs before it: with the peer's own terminus and none of ours.</summary>
    private bool WriteRefusal()
    {
        Attach refusal = new()
        {
            SndSettleMode = _remoteAttach.SndSettleMode,
            RcvSettleMode = _remoteAttach.RcvSettleMode,
            Source = IsSender ? null : _remoteAttach.Source,
            Target = IsSender ? _remoteAttach.Target : null,
        };
        try
        {
            WriteAttach(in refusal, isRefusal: true);
            return true;
        }
        catch (EngineException)
        {
            WriteAttach(new Attach(), isRefusal: true);
            return true;
        }
        catch (InvalidOperationException error)
        {
            Session.Fail(new AmqpError(ErrorCondition.ResourceLimitExceeded, error.Message)); // no handle left to answer on
            return false;
        }
    }

    private void WriteDetach(bool closed, AmqpError? error)
    {
        Detach detach = new() { Handle = LocalHandle, Closed = closed, Error = error };
        if (!Connection.TryWrite(Session.Channel, in detach))
        {
            detach.Error = EngineErrors.Shorten(error);
            Connection.Write(Session.Channel, in detach);
        }

        IsDetachSent = true;
        Session.ReleaseName(this);
        Session.Forget(this);
        OnDetachWritten();
    }

    private void RaiseDetached(bool closed, AmqpError? error)
    {
        if (!_detachRaised)
        {
            _detachRaised = true;
            Connection.Events.OnDetached(this, closed, error);
        }
    }
}
