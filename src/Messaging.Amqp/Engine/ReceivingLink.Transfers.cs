using System.Buffers;
using System.Runtime.InteropServices;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>Transfer frames in (AMQP 1.0 part 2, 2.6.12, 2.6.14, 2.7.5). The payload is the owner's; only its size is watched here.</content>
internal sealed partial class ReceivingLink
{
    private const int MaxTagLength = 32; // 2.8.7

    private IncomingDelivery _current;
    private long _partial; // of the current delivery, if more of it is to come

    internal void OnTransfer(in Transfer transfer, in FrameBody body, int payloadOffset)
    {
        if (IsDetachSent)
        {
            return; // crossed our detach
        }

        bool first = !_current.IsUnderWay;
        if (first ? !TryStart(in transfer) : !TryContinue(in transfer))
        {
            return;
        }

        if (transfer.Aborted || (_current.IsUnknown && !transfer.More))
        {
            OnAborted();
            return;
        }

        if (_current.IsUnknown)
        {
            return;
        }

        ReadOnlySequence<byte> payload = body.Payload(payloadOffset);
        _current.Size += (ulong)payload.Length;
        if (MaxMessageSize != 0 && _current.Size > MaxMessageSize)
        {
            Fail(new AmqpError(ErrorCondition.MessageSizeExceeded, $"The message is larger than the link's max-message-size of {MaxMessageSize} bytes."));
            return;
        }

        if ((transfer.More || !first) && !CountPartial(payload.Length, transfer.More))
        {
            return;
        }

        if (transfer.Settled == true && !_current.Settled)
        {
            SettleCurrent(first);
        }

        Deliver(in transfer, in payload, first);
    }

    private bool TryStart(in Transfer transfer)
    {
        if (!_credit.TryTake())
        {
            Fail(new AmqpError(ErrorCondition.TransferLimitExceeded, "A transfer without link credit."));
            return false;
        }

        if (transfer.DeliveryId is not { } id || !transfer.HasDeliveryTag)
        {
            Fail(EngineErrors.InvalidField("The first transfer of a delivery needs a delivery-id and a delivery-tag."));
            return false;
        }

        // Part 4, 4.4.1: outside its transaction the message would stay when that is rolled back.
        if (transfer.State is TransactionalState)
        {
            Fail(new AmqpError(ErrorCondition.TransactionUnknownId, "The transfer names a transaction that was not declared here."));
            return false;
        }

        if (LocalAttach.IncompleteUnsettled == true && !transfer.Resume)
        {
            Fail(EngineErrors.NotAllowed("A new delivery on a link whose map of unsettled deliveries is incomplete (2.7.3).")); // both ends suspend first
            return false;
        }

        _current = new IncomingDelivery { Id = id, IsUnderWay = true, IsResumed = transfer.Resume, Settled = transfer.Settled == true, Format = transfer.MessageFormat ?? 0 };
        _current.IsUnknown = transfer.Resume && !IsInOurMap(transfer.DeliveryTag);
        if (transfer.More)
        {
            _current.SetTag(transfer.DeliveryTag); // to compare with that of the frames to come
        }

        if (!_current.Settled && !transfer.Aborted && !_current.IsUnknown)
        {
            if (!Session.Incoming.TryAdd(id, this))
            {
                Fail(EngineErrors.InvalidField($"Delivery-id {id} is still unsettled."));
                return false;
            }

            Unsettled++;
        }

        return true;
    }

    /// <summary>Whether a resumed delivery is one that our attach named: any other is to be ignored (2.6.13).</summary>
    private bool IsInOurMap(ReadOnlySpan<byte> tag) => LocalAttach.Unsettled is { } map && map.ContainsKey(tag.ToArray());

    private bool TryContinue(in Transfer transfer)
    {
        if (transfer.DeliveryId is { } id && id != _current.Id)
        {
            Fail(EngineErrors.InvalidField($"A transfer of delivery {id} in the middle of delivery {_current.Id}."));
            return false;
        }

        if (transfer.HasDeliveryTag && !_current.HasTag(transfer.DeliveryTag))
        {
            Fail(EngineErrors.InvalidField($"Delivery {_current.Id} goes on under another delivery-tag."));
            return false;
        }

        return true;
    }

    private void Deliver(in Transfer transfer, in ReadOnlySequence<byte> payload, bool first)
    {
        IncomingTransfer incoming = new()
        {
            DeliveryId = _current.Id,
            Tag = first ? transfer.DeliveryTag : default,
            MessageFormat = _current.Format,
            Settled = _current.Settled,
            First = first,
            More = transfer.More,
            Resume = _current.IsResumed,
            State = transfer.State,
            ReceiverSettleMode = transfer.RcvSettleMode,
        };
        if (!transfer.More)
        {
            _current.IsUnderWay = false;
            Connection.ForgiveChurn(); // a message that somebody gets, not a frame that nobody looks at
        }

        Connection.Events.OnTransfer(this, in incoming, in payload);
        CheckDrained();
    }

    /// <summary>The owner joins the frames of a message: what has arrived of unfinished ones on all links has a limit, though one message may always be finished.</summary>
    private bool CountPartial(long length, bool more)
    {
        if (!more)
        {
            ReleasePartial();
            return true;
        }

        _partial += length;
        Connection.PartialBytes += length;
        long limit = Connection.Settings.MaxPartialBytes;
        if (Connection.PartialBytes - _partial <= limit)
        {
            return true;
        }

        Fail(new AmqpError(ErrorCondition.ResourceLimitExceeded, $"Other messages that have arrived in part on this connection have more than {limit} bytes: finish them first."));
        return false;
    }

    private void ReleasePartial()
    {
        Connection.PartialBytes -= _partial;
        _partial = 0;
    }

    /// <summary>An aborted delivery is settled by that (2.7.5), and one that is ignored never was: both have used credit.</summary>
    private void OnAborted()
    {
        _current.IsUnderWay = false;
        ReleasePartial();
        if (Session.Incoming.TryGet(_current.Id, out ReceivingLink? link) && ReferenceEquals(link, this))
        {
            Session.Incoming.Remove(_current.Id);
            Unsettled--;
        }

        Connection.Events.OnAborted(this, _current.Id);
        CheckDrained();
    }

    /// <summary>Settled if any of its frames says so (2.7.5).</summary>
    private void SettleCurrent(bool first)
    {
        _current.Settled = true;
        if (!first && Session.Incoming.TryGet(_current.Id, out ReceivingLink? link) && ReferenceEquals(link, this))
        {
            Session.Incoming.Remove(_current.Id);
            Unsettled--;
        }
    }

    /// <summary>The delivery whose frames are arriving; deliveries of one link do not interleave (2.6.14).</summary>
    [StructLayout(LayoutKind.Auto)]
    private struct IncomingDelivery
    {
        public uint Id;
        public uint Format;
        public ulong Size;
        public bool IsUnderWay;
        public bool Settled;
        public bool IsResumed;
        public bool IsUnknown;
        private byte _tagLength;
        private TagBuffer _tag;

        public void SetTag(ReadOnlySpan<byte> tag)
        {
            tag.CopyTo(_tag);
            _tagLength = (byte)tag.Length;
        }

        public readonly bool HasTag(ReadOnlySpan<byte> tag) => tag.SequenceEqual(((ReadOnlySpan<byte>)_tag)[.._tagLength]);
    }

    [System.Runtime.CompilerServices.InlineArray(MaxTagLength)]
    private struct TagBuffer
    {
        private byte _first;
    }
}
