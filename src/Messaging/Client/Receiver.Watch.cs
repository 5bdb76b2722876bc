namespace Messaging.Client;

/// <summary>What the watchdog asks a receiver. Runs on the loop.</summary>
internal sealed partial class Receiver
{
    private long _seenArrivals;
    private long? _askedAt;

    /// <summary>Credit is out, and nothing has come since the last look.</summary>
    public override bool IsStalled
    {
        get
        {
            bool isSilent = _arrived == _seenArrivals;
            _seenArrivals = _arrived;
            if (isSilent && _link is { IsAttached: true, Credit: > 0 })
                return true;
            _askedAt = null;
            return false;
        }
    }

    public override bool TryAsk(out bool answers)
    {
        answers = _askedAt is { } asked && _link!.FlowsSeen > asked;
        if (_askedAt is not null)
            return true;
        _askedAt = _link!.FlowsSeen;
        _link.SetCredit(_link.Credit, echo: true);
        return false;
    }
}
