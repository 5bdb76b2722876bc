namespace Messaging.Amqp.Engine;

/// <content>The deliveries of the link: queued, being written, unsettled.</content>
internal sealed partial class SendingLink
{
    private OutgoingDelivery? _head;
    private OutgoingDelivery? _tail;

    /// <summary>Queues a delivery; it goes out from <see cref="ConnectionEngine.PumpSends"/> in the order of the calls. Its size is the owner's to check against <see cref="Link.RemoteMaxMessageSize"/>.</summary>
    /// <exception cref="InvalidOperationException">The link is detached, or the delivery is under way already.</exception>
    /// <exception cref="ArgumentException">The custom tag is empty or longer than 32 bytes.</exception>
    public void Enqueue(OutgoingDelivery delivery)
    {
        if (delivery.Progress != OutgoingDelivery.Stage.Idle)
        {
            throw new InvalidOperationException("The delivery is under way already.");
        }

        if (!IsLive)
        {
            throw new InvalidOperationException($"The link '{Name}' is not attached.");
        }

        if (delivery.CustomTag is { Length: 0 or > MaxTagLength })
        {
            throw new ArgumentException($"A delivery-tag has 1 to {MaxTagLength} bytes, this one has {delivery.CustomTag.Length}.", nameof(delivery));
        }

        delivery.Progress = OutgoingDelivery.Stage.Queued;
        delivery.Link = this;
        delivery.Offset = 0;
        delivery.Next = null;
        delivery.Previous = _tail;
        if (_tail is null)
        {
            _head = delivery;
        }
        else
        {
            _tail.Next = delivery;
        }

        _tail = delivery;
        Queued++;
        MakeReady();
    }

    /// <summary>Takes a delivery back as far as that is possible (2.6.14). Unless it is too late, the engine has forgotten it.</summary>
    public CancelResult Cancel(OutgoingDelivery delivery)
    {
        if (!ReferenceEquals(delivery.Link, this))
        {
            return CancelResult.TooLate;
        }

        switch (delivery.Progress)
        {
            case OutgoingDelivery.Stage.Queued:
                Unlink(delivery);
                Release(delivery);
                QueueDrainAnswer();
                return CancelResult.NotSent;
            case OutgoingDelivery.Stage.Sending:
                Abort(delivery);
                return CancelResult.Aborted;
            default:
                return CancelResult.TooLate;
        }
    }

    /// <summary>Settles a delivery from our end and tells the receiver, merged with its neighbours. One that is still being written is aborted instead. Does nothing for a delivery that is not unsettled on this link.</summary>
    public void Settle(OutgoingDelivery delivery, DeliveryState? state)
    {
        if (!ReferenceEquals(delivery.Link, this))
        {
            return;
        }

        switch (delivery.Progress)
        {
            case OutgoingDelivery.Stage.Sending:
                Abort(delivery);
                break;
            case OutgoingDelivery.Stage.Unsettled:
                Forget(delivery);
                Session.UpdateSent(delivery.DeliveryId, state);
                break;
        }
    }

    internal static void Release(OutgoingDelivery delivery)
    {
        delivery.Progress = OutgoingDelivery.Stage.Idle;
        delivery.Link = null;
        delivery.Next = null;
        delivery.Previous = null;
    }

    /// <summary>The receiver's word on a delivery in the session's map.</summary>
    internal void OnUpdated(OutgoingDelivery delivery, DeliveryState? state, bool settled)
    {
        if (settled)
        {
            if (delivery.Progress == OutgoingDelivery.Stage.Sending)
            {
                Abort(delivery); // the owner may reuse the payload once it hears of this
            }
            else
            {
                Forget(delivery);
            }
        }

        Connection.Events.OnUpdated(this, delivery, state, settled);
    }

    private void Forget(OutgoingDelivery delivery)
    {
        Session.Outgoing.Remove(delivery.DeliveryId);
        Unsettled--;
        Release(delivery);
    }

    /// <summary>Ends a delivery in its middle: the frame that says so goes out next, before any other delivery of the link.</summary>
    private void Abort(OutgoingDelivery delivery)
    {
        _abortedId = delivery.DeliveryId;
        Unlink(delivery);
        if (delivery.Settled)
        {
            Release(delivery);
        }
        else
        {
            Forget(delivery);
        }

        MakeReady();
    }

    private void Unlink(OutgoingDelivery delivery)
    {
        if (delivery.Previous is { } previous)
        {
            previous.Next = delivery.Next;
        }
        else
        {
            _head = delivery.Next;
        }

        if (delivery.Next is { } next)
        {
            next.Previous = delivery.Previous;
        }
        else
        {
            _tail = delivery.Previous;
        }

        Queued--;
    }

    private void ForgetQueue()
    {
        OutgoingDelivery? delivery = _head;
        _head = null;
        _tail = null;
        Queued = 0;
        _abortedId = null;
        while (delivery is not null)
        {
            OutgoingDelivery? next = delivery.Next;
            Release(delivery);
            delivery = next;
        }
    }
}
