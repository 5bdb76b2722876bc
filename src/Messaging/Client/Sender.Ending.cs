using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Client;

/// <summary>How sends end: finished, lost with their link, left by who waited, out of time. Runs on the loop.</summary>
internal sealed partial class Sender
{
    protected override void OnLost(CloseReason reason)
    {
        if (reason.Exception is LinkException or SessionException && IsResumeRefused(reason.Error))
        {
            _isResumeRefused = true;
            GiveUpResuming(reason.Exception.Message);
        }

        int resent = 0;
        for (OutgoingSend? send = _sends.First; send is not null;)
        {
            OutgoingSend? newer = send.Newer;
            SendingLink.Release(send); // out of the dead link's queue
            bool isOpen = send.IsSent || send.Resume || send.IsSuspended;
            if (send.MayHaveArrived && !MayGoAgain(send))
            {
                if (!send.IsSent && send.Offset == 0)
                    _credit.GiveBack(); // it was to go out again
                Remove(send);
                CountFailed(send);
                send.Fail(InDoubt(reason));
            }
            else if (send.IsSent)
            {
                send.PrepareResend();
                _credit.Issue();
                resent++;
            }
            else if (send.Offset > 0)
            {
                _credit.Issue(); // some of its frames had gone, and it goes out whole on the next link
            }

            send.Suspend(CanResume && isOpen);
            send = newer;
        }

        if (resent > 0 && !CanResume)
            LinkLog.Resending(Loop.Settings.Logger, Description, resent);
        DropSettlements();
        _isReattached = true;
        _isComparing = false;
        _nextTag = _link?.NextTag ?? _nextTag;
        _link = null;
        _credit.Suspend();
        Room.Close(_gate);
        SignalDrained();
        SignalFinished();
    }

    /// <summary>Nobody would learn what becomes of a send that was left, and what was settled at once may be lost or not.</summary>
    private bool MayGoAgain(OutgoingSend send) =>
        _options.OnConnectionLoss != ConnectionLossBehavior.Surface && !send.Settled && !send.IsLeft && send.State is not TransactionalState;

    protected override void OnDetaching()
    {
    }

    protected override void OnEnded(CloseReason reason)
    {
        while (_sends.First is { } send)
        {
            Remove(send);
            CountFailed(send);
            send.Fail(send.MayHaveArrived ? InDoubt(reason) : reason.Exception is { } exception ? NotSent(exception) : EndedException(reason));
        }

        Room.Open(_gate);
        _credit.End();
        SignalFinished();
        SignalDrained();
    }

    private void Remove(OutgoingSend send)
    {
        _sends.Remove(send);
        GiveBackPlace(send);
    }

    /// <summary>Who closes the connection with a deadline is told what failed before it.</summary>
    private void CountFailed(OutgoingSend send)
    {
        if (!IsStopping || send.IsLeft)
            return;
        if (send.MayHaveArrived)
            _failedInDoubt++;
        else
            _failedUnsent++;
    }

    private void Finish(OutgoingSend send, Outcome outcome)
    {
        Remove(send);
        send.ReleaseBuffer();
        send.Complete(outcome);
        SignalFinished();
    }

    /// <summary>Nobody waits for this send any more, and so closing does not either. One that was reported in doubt while it waited to be sent again is not sent again.</summary>
    public void OnLeft(OutgoingSend send)
    {
        CountFailed(send);
        _sends.Leave(send);
        if (!send.IsSent && !send.IsSuspended && !send.Resume)
            TakeOut(send);
        SignalFinished();
    }

    /// <returns>Whether it could be taken out of the link's queue.</returns>
    private bool TakeOut(OutgoingSend send)
    {
        CancelResult result = send.Link?.Cancel(send) ?? CancelResult.NotSent;
        if (result == CancelResult.TooLate)
            return false;
        if (result == CancelResult.NotSent)
            _credit.GiveBack();
        Remove(send);
        if (_link is not null)
            _credit.Publish(_link);
        return true;
    }

    /// <summary>The link was attached again, and takes less than before: what waits and is larger would end it for all others.</summary>
    private void RefuseTooLarge()
    {
        int refused = 0;
        for (OutgoingSend? send = _isComparing ? null : _sends.First; send is not null;)
        {
            OutgoingSend? newer = send.Newer;
            if (!send.IsSent && IsTooLarge(send) && TakeOut(send))
            {
                CountFailed(send);
                send.Fail(TooLarge(send));
                refused++;
            }

            send = newer;
        }

        if (refused == 0)
            return;
        LinkLog.TooLarge(Loop.Settings.Logger, Description, _maxMessageSize, refused);
        SignalFinished();
    }

    /// <summary>Whether it is larger than the link takes now: it was encoded when another limit held.</summary>
    private bool IsTooLarge(OutgoingSend send) => _maxMessageSize != 0 && (ulong)send.Payload.Length > _maxMessageSize;

    private MessagingException TooLarge(OutgoingSend send)
    {
        string what = $"the message has {send.Payload.Length} bytes, and the link takes at most {_maxMessageSize} bytes (max-message-size) since it was attached again";
        var error = new AmqpError(ErrorCondition.MessageSizeExceeded, what);
        return send.MayHaveArrived
            ? new DeliveryInDoubtException($"{Description}: {what}; it was sent before that, its outcome is unknown, and it cannot be sent again.", error)
            : new LinkException($"{Description}: {what}; it was not sent. {ErrorKinds.Advice(error)}", error);
    }

    private void TimeOut(OutgoingSend send)
    {
        TimeSpan timeout = Loop.Settings.OperationTimeout;
        send.Deadline = long.MaxValue;
        _sends.Untime(send);
        if (TryTakeBack(send))
        {
            CountFailed(send);
            send.Fail(new TimeoutException($"{Description}: {(_link is null ? "the link was lost and not attached again" : "the peer gave no credit")} within {timeout}; the message was not sent. Try again later, or raise OperationTimeout."));
        }
        else
        {
            send.Leave(new DeliveryInDoubtException($"{Description}: the message was sent and the peer did not settle it within {timeout}; its outcome is unknown.", isTransient: true));
        }
    }

    private DeliveryInDoubtException InDoubt(CloseReason reason) => new(
        $"{Description}: the message was sent and the link ended before the peer settled it; its outcome is unknown. {reason.Exception?.Message ?? "It was closed here."}",
        reason.Error,
        isTransient: true,
        reason.Exception);
}
