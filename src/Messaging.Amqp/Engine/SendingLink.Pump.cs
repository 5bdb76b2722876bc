using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <content>From deliveries to transfer frames (AMQP 1.0 part 2, 2.6.12, 2.6.14, 2.7.5).</content>
internal sealed partial class SendingLink
{
    private const int MaxTagLength = 32; // 2.8.7

    /// <summary>Frame header and a transfer's fields without tag and state, at their longest, rounded up.</summary>
    private const int TransferOverhead = 64;

    private uint? _abortedId; // a delivery whose aborting frame is still to be written

    private bool HasFrame => _abortedId is not null || (_head is { } head && (_credit.Available > 0 || head.Progress == OutgoingDelivery.Stage.Sending));

    /// <summary>Writes frames until the output holds <paramref name="limit"/> bytes, then queues up again.</summary>
    internal void Pump(int limit)
    {
        while (HasFrame && IsLive)
        {
            if (!Session.CanTransfer)
            {
                _isBlocked = true;
                Session.Block(this);
                return;
            }

            if (Connection.Output.Length >= limit)
            {
                MakeReady();
                return;
            }

            if (_abortedId is { } id)
            {
                WriteAbort(id);
            }
            else
            {
                WriteFrame(_head!);
            }
        }
    }

    private void WriteAbort(uint deliveryId)
    {
        _abortedId = null;
        Connection.WriteTransfer(Session.Channel, new Transfer { Handle = LocalHandle, DeliveryId = deliveryId, Aborted = true }, default);
        Session.OnTransferWritten();
        QueueDrainAnswer();
    }

    private void WriteFrame(OutgoingDelivery delivery)
    {
        Span<byte> tag = stackalloc byte[MaxTagLength];
        scoped Transfer transfer = new() { Handle = LocalHandle };
        if (delivery.Progress == OutgoingDelivery.Stage.Queued)
        {
            Start(delivery);
            int length = delivery.WriteTag(tag);
            transfer.DeliveryId = delivery.DeliveryId;
            transfer.DeliveryTag = tag[..length];
            transfer.HasDeliveryTag = true;
            transfer.MessageFormat = delivery.MessageFormat;
            transfer.Settled = delivery.Settled ? true : null;
            transfer.State = delivery.State;
            transfer.Resume = delivery.Resume;
        }

        ReadOnlySpan<byte> payload = delivery.Payload.Span[delivery.Offset..];
        int room = Room(in transfer);
        if (room <= 0)
        {
            Fail(new AmqpError(ErrorCondition.FrameSizeTooSmall, "The delivery's state is larger than the peer's max-frame-size."));
            return;
        }

        if (payload.Length > room)
        {
            payload = payload[..room];
            transfer.More = true;
        }

        Connection.WriteTransfer(Session.Channel, in transfer, payload);
        Session.OnTransferWritten();
        delivery.Offset += payload.Length;
        if (!transfer.More)
        {
            Complete(delivery);
        }
    }

    private void Start(OutgoingDelivery delivery)
    {
        _credit.Take();
        delivery.Progress = OutgoingDelivery.Stage.Sending;
        delivery.TagNumber = NextTag++;
        delivery.DeliveryId = Session.NextDeliveryId();
        if (!delivery.Settled)
        {
            // Free, or 2^32 deliveries were sent since and this one is still unsettled: then the older one stays with its owner.
            Session.Outgoing.TryAdd(delivery.DeliveryId, delivery);
            Unsettled++;
        }
    }

    private void Complete(OutgoingDelivery delivery)
    {
        Unlink(delivery);
        if (delivery.Settled)
        {
            Release(delivery);
        }
        else
        {
            delivery.Progress = OutgoingDelivery.Stage.Unsettled;
            delivery.Next = null;
            delivery.Previous = null;
        }

        QueueDrainAnswer();
        Connection.Events.OnSent(this, delivery);
    }

    /// <summary>How many bytes of payload the frame can take.</summary>
    private int Room(in Transfer transfer)
    {
        int frame = (int)Math.Min(Connection.OutgoingFrameSize, int.MaxValue);
        int room = frame - TransferOverhead - transfer.DeliveryTag.Length;
        return transfer.State is null ? room : room - Connection.Measure(transfer.State);
    }
}
