using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>The flow control state of one session, counted in transfer frames (AMQP 1.0 part 2, 2.5.6).</summary>
internal struct SessionWindow(uint size, uint initialOutgoingId)
{
    private readonly uint _size = Math.Max(size, 1);
    private readonly uint _initialOutgoingId = initialOutgoingId;
    private uint _incoming = Math.Max(size, 1);

    /// <summary>What the peer's next transfer frame is numbered. Known once its begin was seen.</summary>
    public uint NextIncomingId { get; private set; }

    /// <summary>What our next transfer frame is numbered.</summary>
    public uint NextOutgoingId { get; private set; } = initialOutgoingId;

    /// <summary>How many transfer frames we may still send.</summary>
    public uint RemoteIncoming { get; private set; }

    /// <summary>Whether half of our window is used up, so that a flow is due.</summary>
    public readonly bool NeedsReplenishing => _incoming <= _size / 2;

    /// <summary>The peer's begin starts both sequences.</summary>
    public void OnBegin(in Begin begin)
    {
        NextIncomingId = begin.NextOutgoingId;
        RemoteIncoming = begin.IncomingWindow;
    }

    /// <summary>Counts an incoming transfer frame; <see langword="false"/> when it overruns the window that we announced.</summary>
    public bool TryReceive()
    {
        if (_incoming == 0)
        {
            return false;
        }

        _incoming--;
        NextIncomingId = unchecked(NextIncomingId + 1);
        return true;
    }

    /// <summary>Counts an outgoing transfer frame. The caller has checked <see cref="RemoteIncoming"/>.</summary>
    public void OnSent()
    {
        NextOutgoingId = unchecked(NextOutgoingId + 1);
        RemoteIncoming--;
    }

    /// <summary>The whole window again; the caller writes the flow that says so.</summary>
    public uint Replenish() => _incoming = _size;

    /// <summary>
    /// Takes over the peer's view. A next-incoming-id ahead of anything that we sent cannot be true and is ignored, so that no value from the wire makes
    /// the window negative or wrap.
    /// </summary>
    public void OnFlow(in Flow flow)
    {
        NextIncomingId = flow.NextOutgoingId;
        uint inFlight = unchecked(NextOutgoingId - (flow.NextIncomingId ?? _initialOutgoingId));
        if (inFlight > int.MaxValue)
        {
            return;
        }

        RemoteIncoming = flow.IncomingWindow > inFlight ? flow.IncomingWindow - inFlight : 0;
    }
}
