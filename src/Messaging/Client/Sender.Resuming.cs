using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Client;

/// <summary>
/// Resuming the link after a loss (AMQP 1.0 part 2, 2.6.13). Our attach names what was sent and not settled, the peer's says what it has of that:
/// only then is anything sent, so that the order is kept. See docs/adr/0009-link-resume.md.
/// </summary>
internal sealed partial class Sender
{
    private bool _isReattached; // the link was attached before
    private bool _isComparing; // our map is out, the peer's is due
    private bool _isResumeRefused;
    private int _settling; // settlements queued and not written

    private bool CanResume => _options.OnConnectionLoss == ConnectionLossBehavior.Resume && !_isResumeRefused && !IsAdopted;

    /// <summary>A peer that knows no link recovery refuses the map, not the link.</summary>
    protected override bool IsResumeRefused(AmqpError? error) => _isComparing && error is not null && !ErrorKinds.IsTransient(error.Condition);

    /// <summary>What we consider unsettled; null for a link that does not resume.</summary>
    private Dictionary<object, object?>? UnsettledMap()
    {
        if (!_isReattached || !CanResume)
            return null;
        Dictionary<object, object?> map = Unsettled.NewMap();
        for (OutgoingSend? send = _sends.First; send is not null; send = send.Newer)
        {
            if (send.IsSuspended)
                map.Add(send.CustomTag!, null);
        }

        return map;
    }

    /// <summary>The peer will not tell what it has: what was sent goes out again as it would without resuming.</summary>
    private void GiveUpResuming(string reason)
    {
        int resent = 0;
        for (OutgoingSend? send = _sends.First; send is not null;)
        {
            OutgoingSend? newer = send.Newer;
            if (send.IsSuspended && TryRenew(send))
                resent++;
            send = newer;
        }

        LinkLog.NotResumed(Loop.Settings.Logger, Description, resent, reason);
    }

    /// <summary>Compares the two maps, send by send, in order.</summary>
    private void Compare(in Attach theirs)
    {
        bool isIncomplete = theirs.IncompleteUnsettled == true;
        _isComparing = isIncomplete;
        bool isProof = theirs.RcvSettleMode == ReceiverSettleMode.Second; // else what it has settled is missing too
        int resolved = 0;
        int resent = 0;
        for (OutgoingSend? send = _sends.First; send is not null;)
        {
            OutgoingSend? newer = send.Newer;
            object? state = null;
            bool isKnown = theirs.Unsettled is { } map && send.IsSuspended && map.TryGetValue(send.CustomTag!, out state);
            if (isKnown && OutcomeOf((DeliveryState?)state) is { } outcome)
            {
                resolved++;
                FinishResumed(send, outcome);
            }
            else if (!isIncomplete)
            {
                resent += GoOn(send, isKnown, hasArrived: theirs.Unsettled is null || !isProof) ? 1 : 0;
            }

            send = newer;
        }

        if (isIncomplete)
            CompareAgain(resolved);
        else
            LinkLog.Resumed(Loop.Settings.Logger, Description, resolved, resent);
        if (resent > 0)
            LinkLog.Resending(Loop.Settings.Logger, Description, resent);
    }

    /// <summary>Sends what the peer does not have, and resumes what it has in part.</summary>
    /// <returns>Whether the peer may get the message twice.</returns>
    private bool GoOn(OutgoingSend send, bool isKnown, bool hasArrived)
    {
        bool isDoubtful = false;
        if (isKnown)
        {
            send.IsSuspended = false;
            send.Resume = true;
        }
        else if (send.IsSuspended)
        {
            if (!hasArrived)
                send.OnNotArrived();
            if (!TryRenew(send))
                return false;
            isDoubtful = hasArrived;
        }

        _link!.Enqueue(send);
        return isDoubtful;
    }

    /// <summary>Nothing new may be sent before both maps are complete (2.6.13): the next attach has a smaller map, or none if that does not help.</summary>
    private void CompareAgain(int resolved)
    {
        if (resolved == 0)
            GiveUpResuming("the peer's map of unsettled deliveries is incomplete");
        _link!.Detach(closed: false, error: null);
    }

    /// <summary>The peer has an outcome: the application gets it, and the peer learns that it may forget the delivery.</summary>
    private void FinishResumed(OutgoingSend send, Outcome outcome)
    {
        _link!.Enqueue(new ResumedSettlement { CustomTag = send.CustomTag, State = outcome, Resume = true, Settled = true });
        _settling++;
        Finish(send, outcome);
    }

    /// <summary>Makes a suspended send one that is to be sent as new, under its tag; one that nobody waits for ends here.</summary>
    private bool TryRenew(OutgoingSend send)
    {
        send.IsSuspended = false;
        send.Resume = false;
        if (!send.IsLeft)
            return true;
        Remove(send);
        _credit.GiveBack();
        SignalFinished();
        return false;
    }

    private void DropSettlements()
    {
        for (; _settling > 0; _settling--)
            _credit.GiveBack();
    }

    /// <summary>A transfer without a message that resumes a delivery to settle it.</summary>
    private sealed class ResumedSettlement : OutgoingDelivery;
}
