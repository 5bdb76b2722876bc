using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Idle time-outs, both ways (AMQP 1.0 part 2, 2.4.5).</content>
internal sealed partial class ConnectionEngine
{
    /// <summary>A peer that asks for more traffic than this (20 empty frames a second) gets this: its time-out is a mistake or an attack.</summary>
    private const long MinHeartbeat = 50;

    private const long Restart = long.MinValue;

    private long _heartbeat; // milliseconds between frames of ours; 0: the peer asks for none
    private long _lastSent;
    private long _lastReceived = Restart;

    /// <summary>Writes an empty frame when one is due, fails when the peer was silent for too long.</summary>
    /// <returns>When to call again, on the clock of <paramref name="now"/>; <see cref="long.MaxValue"/>: no need.</returns>
    /// <remarks>Call it after <see cref="Receive"/>, so that frames that arrived while the owner was busy count.</remarks>
    public long Tick(long now)
    {
        _now = Math.Max(_now, now);
        return Math.Min(CheckIdle(), BeatHeart());
    }

    private long CheckIdle()
    {
        if (Settings.IdleTimeout == 0 || !CanWrite)
        {
            return long.MaxValue;
        }

        if (_lastReceived == Restart)
        {
            _lastReceived = _now;
        }

        long deadline = _lastReceived + Settings.IdleTimeout;
        if (_now < deadline)
        {
            return deadline;
        }

        Fail(EngineErrors.IdleTimeout(Settings.IdleTimeout));
        return long.MaxValue;
    }

    private long BeatHeart()
    {
        if (_heartbeat == 0 || !CanWrite)
        {
            return long.MaxValue;
        }

        if (_now >= _lastSent + _heartbeat)
        {
            FrameWriter.WriteEmpty(Output);
            _lastSent = _now;
            TraceEmpty(outgoing: true, 0);
        }

        return _lastSent + _heartbeat;
    }

    /// <summary>At half of what the peer announces, for the way there takes time too.</summary>
    private void StartHeartbeat(uint remoteIdleTimeout) =>
        _heartbeat = remoteIdleTimeout == 0 ? 0 : Math.Max(remoteIdleTimeout / 2, MinHeartbeat);

    /// <summary>The peer knows of our time-out from our open on: what was before does not count. The next call that brings a time starts the clock.</summary>
    private void RestartIdleTimeout() => _lastReceived = Restart;
}
