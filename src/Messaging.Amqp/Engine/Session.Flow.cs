using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Flow control of the session (AMQP 1.0 part 2, 2.5.6 and 2.7.4).</content>
internal sealed partial class Session
{
    private readonly LinkQueue _blocked = new(); // links with something to send and no window for it

    /// <summary>Whether the peer's window takes another transfer frame.</summary>
    internal bool CanTransfer => _window.RemoteIncoming > 0;

    internal void OnTransferWritten() => _window.OnSent();

    /// <summary>The link waits here, not in the engine's round, until the window opens.</summary>
    internal void Block(SendingLink link) => _blocked.Enqueue(link);

    internal void OnFlow(in Flow flow)
    {
        _window.OnFlow(in flow);
        ReleaseBlocked();
        if (flow.Handle is not { } handle)
        {
            if (flow.Echo && IsLive)
            {
                WriteFlow();
            }

            return;
        }

        if (_remoteHandles[handle] is { } link)
        {
            link.OnFlow(in flow);
        }
        else
        {
            Fail(EngineErrors.UnattachedHandle("Flow", handle));
        }
    }

    /// <summary>Writes the session's state, and a link's where <paramref name="flow"/> has one. Every flow opens the incoming window again.</summary>
    internal void WriteFlow(Flow flow = default)
    {
        flow.NextIncomingId = IsBeginSeen ? _window.NextIncomingId : null;
        flow.IncomingWindow = _window.Replenish();
        flow.NextOutgoingId = _window.NextOutgoingId;
        flow.OutgoingWindow = OutgoingWindow;
        Connection.Write(Channel, in flow);
    }

    private void ReleaseBlocked()
    {
        while (CanTransfer && _blocked.Count > 0)
        {
            _blocked.Dequeue().Unblock();
        }
    }
}
