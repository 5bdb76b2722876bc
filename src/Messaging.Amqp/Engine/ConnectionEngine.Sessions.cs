using System.Runtime.InteropServices;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>
/// Channels (AMQP 1.0 part 2, 2.5): numbers of their own in each direction. A session keeps both until both ends were seen, so sessions that we ended
/// stay bounded by the channel-max that the peer must keep.
/// </content>
internal sealed partial class ConnectionEngine
{
    private readonly SlotTable<Session> _localChannels = new();
    private readonly SlotTable<Session> _remoteChannels = new();
    private readonly List<Session> _dirtySessions = []; // with something to write at the end of the turn

    /// <summary>Links that the peer attached, on all sessions.</summary>
    internal uint RemoteLinks { get; set; }

    /// <summary>The bytes of their attaches, refused ones excepted.</summary>
    internal long AttachBytes { get; set; }

    /// <summary>What has arrived of messages of which more is to come, on all links.</summary>
    internal long PartialBytes { get; set; }

    /// <summary>Attached by the peer and not detached, on all sessions: an attach of the same name steals.</summary>
    internal Dictionary<LinkKey, Link> NamedLinks { get; } = [];

    /// <summary>Begins a session. It may be used at once; <see cref="IEngineEvents.OnSessionBegun"/> comes with the peer's begin.</summary>
    /// <param name="owner">The owner's own object for the session.</param>
    /// <param name="incomingWindow">The window kept open, in transfer frames; <see langword="null"/>: <see cref="EngineSettings.SessionIncomingWindow"/>.</param>
    /// <exception cref="InvalidOperationException">The connection is not open, or the peer's channel-max is reached.</exception>
    public Session BeginSession(object? owner, uint? incomingWindow = null)
    {
        if (!CanWrite)
        {
            throw new InvalidOperationException("A session can begin only on an open connection.");
        }

        Session session = new(this, incomingWindow ?? Settings.SessionIncomingWindow) { Owner = owner };
        if (!TryAllocateChannel(session))
        {
            throw new InvalidOperationException($"All {RemoteChannelMax + 1} channels that the peer allows (channel-max) are in use.");
        }

        session.WriteBegin();
        return session;
    }

    /// <summary>
    /// Writes the dispositions that were held back for merging, and the flows that open session windows again. The owner calls it at the end of every
    /// turn, after <see cref="Receive"/> too.
    /// </summary>
    public void FlushDispositions()
    {
        foreach (Session session in CollectionsMarshal.AsSpan(_dirtySessions))
        {
            session.IsDirty = false;
            session.FlushTurn();
        }

        _dirtySessions.Clear();
    }

    /// <summary>The session has something to write in <see cref="FlushDispositions"/>.</summary>
    internal void MarkDirty(Session session)
    {
        if (!session.IsDirty)
        {
            session.IsDirty = true;
            _dirtySessions.Add(session);
        }
    }

    internal bool TryAllocateChannel(Session session)
    {
        if (!_localChannels.TryAllocate(RemoteChannelMax, session, out uint channel))
        {
            return false;
        }

        session.Channel = (ushort)channel;
        return true;
    }

    internal void Forget(Session session)
    {
        _localChannels.Clear(session.Channel);
        _remoteChannels.Clear(session.RemoteChannel);
    }

    private void OnBegin(ushort channel, in Begin begin)
    {
        if (!CheckChannel(channel))
        {
            return;
        }

        if (_remoteChannels[channel] is not null)
        {
            Fail(EngineErrors.IllegalState($"A second begin on channel {channel}."));
        }
        else if (begin.RemoteChannel is { } localChannel)
        {
            OnBeginAnswer(channel, localChannel, in begin);
        }
        else
        {
            Session session = new(this, Settings.SessionIncomingWindow) { IsRemoteInitiated = true };
            _remoteChannels.Set(channel, session);
            session.OnBegin(channel, in begin);
            _events.OnSessionRequested(session, in begin);
        }
    }

    private void OnBeginAnswer(ushort channel, ushort localChannel, in Begin begin)
    {
        Session? session = _localChannels[localChannel];
        if (session is null || session.IsBeginSeen)
        {
            Fail(EngineErrors.InvalidField($"A begin answers remote-channel {localChannel}, which waits for none."));
            return;
        }

        _remoteChannels.Set(channel, session);
        session.OnBegin(channel, in begin);
        if (!session.IsDiscarding)
        {
            _events.OnSessionBegun(session, in begin);
        }
    }

    /// <summary>The session of an incoming frame; fails the connection when there is none: the peer's own end was its last frame there.</summary>
    private Session? FindSession(ushort channel)
    {
        Session? session = _remoteChannels[channel];
        if (session is null && CheckChannel(channel))
        {
            Fail(EngineErrors.IllegalState($"A frame on channel {channel}, where no session is."));
        }

        return session;
    }

    private bool CheckChannel(ushort channel)
    {
        if (channel <= Settings.ChannelMax)
        {
            return true;
        }

        Fail(EngineErrors.Framing($"Channel {channel} is above the channel-max of {Settings.ChannelMax}."));
        return false;
    }
}
