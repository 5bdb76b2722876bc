using System.Buffers;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Transfers and dispositions (AMQP 1.0 part 2, 2.6.12, 2.7.5, 2.7.6).</content>
internal sealed partial class Session
{
    private const bool SenderRole = false; // 2.8.1
    private const bool ReceiverRole = true;

    private uint _nextDeliveryId;
    private DispositionRange _sent; // our updates of deliveries that we sent
    private DispositionRange _received; // and of those that we received
    private uint[] _ids = [];

    /// <summary>Unsettled deliveries that we sent.</summary>
    internal DeliveryMap<OutgoingDelivery> Outgoing { get; } = new();

    /// <summary>Unsettled deliveries that we received.</summary>
    internal DeliveryMap<ReceivingLink> Incoming { get; } = new();

    internal uint NextDeliveryId() => unchecked(_nextDeliveryId++);

    internal void OnTransfer(in Transfer transfer, in FrameBody body, int payloadOffset)
    {
        if (!_window.TryReceive())
        {
            Fail(new AmqpError(ErrorCondition.WindowViolation, "A transfer beyond the session's incoming window."));
            return;
        }

        switch (_remoteHandles[transfer.Handle])
        {
            case ReceivingLink link:
                link.OnTransfer(in transfer, in body, payloadOffset);
                break;
            case null:
                Fail(EngineErrors.UnattachedHandle("Transfer", transfer.Handle));
                break;
            default:
                Fail(EngineErrors.NotAllowed($"Transfer on handle {transfer.Handle}, where the peer is the receiver."));
                break;
        }

        if (_window.NeedsReplenishing)
        {
            Connection.MarkDirty(this); // at the end of the turn: what arrived in one go was sent under the window that was announced before
        }
    }

    internal void OnDisposition(in Disposition disposition)
    {
        uint last = disposition.Last ?? disposition.First;
        if (disposition.Role == ReceiverRole)
        {
            OnReceiverDisposition(in disposition, last);
        }
        else
        {
            OnSenderDisposition(in disposition, last);
        }
    }

    /// <summary>An update of a received delivery, held back so that its neighbours can join it.</summary>
    internal void UpdateReceived(uint id, DeliveryState? state, bool settled)
    {
        if (!_received.TryAdd(id, state, settled))
        {
            WriteDisposition(ref _received, ReceiverRole);
            _received.TryAdd(id, state, settled);
        }

        Connection.MarkDirty(this);
    }

    /// <summary>The settlement of a delivery that we sent.</summary>
    internal void UpdateSent(uint id, DeliveryState? state)
    {
        if (!_sent.TryAdd(id, state, settled: true))
        {
            WriteDisposition(ref _sent, SenderRole);
            _sent.TryAdd(id, state, settled: true);
        }

        Connection.MarkDirty(this);
    }

    /// <summary>What was held back to the end of the turn.</summary>
    internal void FlushTurn()
    {
        FlushDispositions();
        if (_window.NeedsReplenishing && IsLive)
        {
            WriteFlow();
        }
    }

    internal void FlushDispositions()
    {
        WriteDisposition(ref _received, ReceiverRole);
        WriteDisposition(ref _sent, SenderRole);
    }

    /// <summary>Forgets a link's unsettled deliveries: with our detach they are the owner's own affair.</summary>
    internal void Forget(Link link)
    {
        if (link.Unsettled == 0)
        {
            return;
        }

        if (link is ReceivingLink)
        {
            ForgetIncoming(link);
        }
        else
        {
            ForgetOutgoing(link);
        }

        link.Unsettled = 0;
    }

    private void ReleaseDeliveries()
    {
        int count = Outgoing.CollectAll(ref _ids);
        foreach (uint id in _ids.AsSpan(0, count))
        {
            if (Outgoing.TryGet(id, out OutgoingDelivery? delivery))
            {
                SendingLink.Release(delivery);
            }
        }

        Outgoing.Clear();
        Incoming.Clear();
    }

    private void ForgetIncoming(Link link)
    {
        int count = Incoming.CollectAll(ref _ids);
        foreach (uint id in _ids.AsSpan(0, count))
        {
            if (Incoming.TryGet(id, out ReceivingLink? owner) && ReferenceEquals(owner, link))
            {
                Incoming.Remove(id);
            }
        }
    }

    private void ForgetOutgoing(Link link)
    {
        int count = Outgoing.CollectAll(ref _ids);
        foreach (uint id in _ids.AsSpan(0, count))
        {
            if (Outgoing.TryGet(id, out OutgoingDelivery? delivery) && ReferenceEquals(delivery.Link, link))
            {
                Outgoing.Remove(id);
                SendingLink.Release(delivery);
            }
        }
    }

    private void OnReceiverDisposition(in Disposition disposition, uint last)
    {
        if (disposition.First == last)
        {
            UpdateOutgoing(last, disposition.State, disposition.Settled);
            return;
        }

        uint[] ids = TakeIds();
        int count = Outgoing.Collect(disposition.First, last, ref ids);
        for (int i = 0; i < count; i++)
        {
            UpdateOutgoing(ids[i], disposition.State, disposition.Settled);
        }

        _ids = ids;
    }

    private void UpdateOutgoing(uint id, DeliveryState? state, bool settled)
    {
        if (Outgoing.TryGet(id, out OutgoingDelivery? delivery) && delivery.Link is { } link)
        {
            link.OnUpdated(delivery, state, settled);
        }
    }

    private void OnSenderDisposition(in Disposition disposition, uint last)
    {
        if (!disposition.Settled)
        {
            return; // a state of the sender's that is not final changes nothing for us
        }

        uint[] ids = TakeIds();
        int count = Incoming.Collect(disposition.First, last, ref ids);
        for (int i = 0; i < count; i++)
        {
            if (Incoming.TryGet(ids[i], out ReceivingLink? link))
            {
                Incoming.Remove(ids[i]);
                link.Unsettled--;
                Connection.Events.OnRemoteSettled(link, ids[i], disposition.State);
            }
        }

        _ids = ids;
    }

    /// <summary>The buffer of ids, kept from others (a detach from within an event) while a range is worked through.</summary>
    private uint[] TakeIds()
    {
        uint[] ids = _ids;
        _ids = [];
        return ids;
    }

    private void WriteDisposition(ref DispositionRange range, bool role)
    {
        if (!range.IsPending)
        {
            return;
        }

        Disposition disposition = new()
        {
            Role = role,
            First = range.First,
            Last = range.First == range.Last ? null : range.Last,
            Settled = range.Settled,
            State = range.State,
        };
        range.Clear();
        if (IsLive && !Connection.TryWrite(Channel, in disposition))
        {
            disposition.State = EngineErrors.Shorten(disposition.State);
            Connection.Write(Channel, in disposition);
        }
    }
}
