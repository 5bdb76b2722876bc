using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Attaching and detaching (AMQP 1.0 part 2, 2.6.3 to 2.6.6).</content>
internal abstract partial class Link
{
    /// <summary>Accepts a link that the peer attached. Name, handle and role are the engine's.</summary>
    /// <remarks>Does nothing when the link is no longer there to be accepted.</remarks>
    /// <exception cref="InvalidOperationException">The session is not begun, or the peer's handle-max is reached.</exception>
    /// <exception cref="EngineException">The attach is larger than a frame of the peer; nothing was written. A map of unsettled deliveries is shortened first, and marked incomplete (2.7.3).</exception>
    public void Accept(in Attach attach)
    {
        if (!IsRequested || Session.IsDiscarding || !Connection.CanWrite)
        {
            return;
        }

        Attach fitting = attach;
        while (!TryWriteAttach(in fitting))
        {
            Dictionary<object, object?> shorter = Framing.Unsettled.NewMap();
            foreach ((object tag, object? state) in fitting.Unsettled!.Take(fitting.Unsettled!.Count / 2))
            {
                shorter.Add(tag, state);
            }

            fitting.Unsettled = shorter;
            fitting.IncompleteUnsettled = true;
        }
    }

    /// <summary>Refuses a link that the peer attached: an attach without a terminus of ours, then a detach with the error (2.6.3).</summary>
    public void Refuse(AmqpError error)
    {
        if (IsRequested && Session.IsLive && WriteRefusal())
        {
            WriteDetach(closed: true, error);
            _detachRaised = true; // never attached for the owner
            ForgetAttaches();
        }
    }

    /// <summary>A refused link keeps its handles until the peer's detach, which may never come, and nothing else: an attach may be as large as a frame.</summary>
    private void ForgetAttaches()
    {
        _localAttach = new Attach { Handle = _localAttach.Handle };
        _remoteAttach = new Attach { Handle = _remoteAttach.Handle };
        Name = "";
        Owner = null;
        CountAttach(0);
    }

    /// <summary>Counts the bytes of the peer's attach, of which termini and properties are kept, for the connection's limit; 0 when that is over.</summary>
    internal void CountAttach(int size)
    {
        Connection.AttachBytes += size - _attachSize;
        _attachSize = size;
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

    private bool TryWriteAttach(in Attach attach)
    {
        try
        {
            WriteAttach(in attach);
            return true;
        }
        catch (EngineException) when (attach.Unsettled is { Count: > 0 })
        {
            return false;
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
        if (IsRequested && !WriteRefusal())
        {
            return; // the session has ended, and the link with it
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
        if (IsRemoteInitiated)
        {
            Connection.CountChurn();
        }
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

        IsFailed = true;
        Session.FlushDispositions();
        WriteDetach(closed: true, error);
        RaiseDetached(closed: true, error);
    }

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
            return WriteBareRefusal();
        }
        catch (InvalidOperationException error)
        {
            Session.Fail(new AmqpError(ErrorCondition.ResourceLimitExceeded, error.Message)); // no handle left to answer on
            return false;
        }
    }

    private bool WriteBareRefusal()
    {
        try
        {
            WriteAttach(new Attach(), isRefusal: true);
            return true;
        }
        catch (EngineException error)
        {
            Session.Fail(new AmqpError(ErrorCondition.FrameSizeTooSmall, error.Message)); // the name alone is too large for the peer's frames: the link cannot be answered
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
        ReleaseDeliveries();
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
