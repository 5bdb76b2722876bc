using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>
/// One session endpoint (AMQP 1.0 part 2, 2.5). A session is over for us with our end; it stays on its channels, discarding what crosses it, until the
/// peer's end was seen.
/// </summary>
internal sealed partial class Session
{
    private const uint OutgoingWindow = int.MaxValue; // what we could send is never the limit

    private SessionWindow _window;
    private bool _beginSent;
    private bool _endSent;
    private bool _endRaised;
    private List<Link>? _earlyLinks; // attached by the peer before our begin

    internal Session(ConnectionEngine connection, uint incomingWindow)
    {
        EngineSettings settings = connection.Settings;
        Connection = connection;
        _window = new SessionWindow(incomingWindow, settings.InitialOutgoingId);
        _nextDeliveryId = settings.InitialOutgoingId;
        _handleMax = Math.Min(settings.HandleMax, MaxHandleMax);
    }

    /// <summary>The owner's own object for this session.</summary>
    public object? Owner { get; set; }

    public ConnectionEngine Connection { get; }

    /// <summary>Our channel number.</summary>
    public ushort Channel { get; internal set; }

    /// <summary>Both begins seen and no end.</summary>
    public bool IsBegun => IsLive && IsBeginSeen;

    /// <summary>We have ended it because of a violation by the peer: the error of <see cref="IEngineEvents.OnSessionEnded"/> is ours.</summary>
    public bool IsFailed { get; private set; }

    /// <summary>The peer began it.</summary>
    internal bool IsRemoteInitiated { get; init; }

    internal ushort RemoteChannel { get; private set; }

    internal bool IsBeginSeen { get; private set; }

    /// <summary>In the engine's list of sessions with something to write at the end of the turn.</summary>
    internal bool IsDirty { get; set; }

    /// <summary>Frames may be written: our begin is out, our end and our close are not.</summary>
    internal bool IsLive => _beginSent && !_endSent && Connection.CanWrite;

    /// <summary>We have ended it: the peer's frames until its end are those that crossed ours (2.5.4, 2.5.5).</summary>
    internal bool IsDiscarding => _endSent;

    /// <summary>Accepts a session that the peer began. Attaches that came right behind its begin are raised from here.</summary>
    /// <remarks>Does nothing when the session is no longer there to be accepted.</remarks>
    public void Begin()
    {
        if (_beginSent || _endSent || !Connection.CanWrite || !AllocateChannel())
        {
            return;
        }

        WriteBegin();
        if (_earlyLinks is not { } links)
        {
            return;
        }

        _earlyLinks = null;
        foreach (Link link in links)
        {
            if (IsLive && link.IsRequested)
            {
                Offer(link);
            }
        }
    }

    /// <summary>Refuses a session that the peer began: a begin, for an end needs one, and an end with the error.</summary>
    public void Refuse(AmqpError error)
    {
        if (!_beginSent && !_endSent && Connection.CanWrite && AllocateChannel())
        {
            WriteBegin();
            WriteEnd(error);
            _endRaised = true; // never begun for the owner
        }
    }

    /// <summary>Ends the session and everything on it; <see cref="IEngineEvents.OnSessionEnded"/> comes with the peer's end. The second call does nothing.</summary>
    public void End(AmqpError? error)
    {
        if (IsLive)
        {
            FlushDispositions();
            WriteEnd(error);
        }
    }

    internal void WriteBegin()
    {
        _beginSent = true;
        Connection.Write(Channel, new Begin
        {
            RemoteChannel = IsBeginSeen ? RemoteChannel : null,
            NextOutgoingId = _window.NextOutgoingId,
            IncomingWindow = _window.Replenish(),
            OutgoingWindow = OutgoingWindow,
            HandleMax = _handleMax,
        });
    }

    internal void OnBegin(ushort remoteChannel, in Begin begin)
    {
        RemoteChannel = remoteChannel;
        IsBeginSeen = true;
        _remoteHandleMax = begin.HandleMax ?? uint.MaxValue;
        _window.OnBegin(in begin);
    }

    internal void OnEnd(AmqpError? error)
    {
        if (!_endSent)
        {
            if (!_beginSent && !AllocateChannel())
            {
                return;
            }

            if (!_beginSent)
            {
                WriteBegin();
            }

            FlushDispositions();
            WriteEnd(null);
        }

        Connection.Forget(this);
        RaiseEnded(error);
        if (IsRemoteInitiated)
        {
            Connection.CountChurn();
        }
    }

    /// <summary>A violation on this session: it ends with the error, the others live (2.5.4).</summary>
    internal void Fail(AmqpError error)
    {
        if (_endSent || !Connection.CanWrite)
        {
            return;
        }

        if (!_beginSent)
        {
            if (!AllocateChannel())
            {
                return;
            }

            WriteBegin();
        }

        IsFailed = true;
        WriteEnd(error);
        RaiseEnded(error);
    }

    private void RaiseEnded(AmqpError? error)
    {
        if (!_endRaised)
        {
            _endRaised = true;
            Connection.Events.OnSessionEnded(this, error);
        }
    }

    private void WriteEnd(AmqpError? error)
    {
        if (!Connection.TryWrite(Channel, new End { Error = error }))
        {
            Connection.Write(Channel, new End { Error = EngineErrors.Shorten(error) });
        }

        _endSent = true;
        ReleaseLinks();
    }

    /// <summary>A peer whose channel-max leaves us no channel to answer its session on cannot be answered at all.</summary>
    private bool AllocateChannel()
    {
        if (Connection.TryAllocateChannel(this))
        {
            return true;
        }

        Connection.Fail(new AmqpError(ErrorCondition.ResourceLimitExceeded, $"No channel up to your channel-max of {Connection.RemoteChannelMax} is left to answer a begin."));
        return false;
    }
}
