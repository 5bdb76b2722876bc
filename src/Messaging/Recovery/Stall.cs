namespace Messaging.Recovery;

/// <summary>Since when a link has been stalled, and whether that was told. Owned by the loop.</summary>
internal sealed class Stall(TimeSpan limit)
{
    private long? _since;
    private bool _isTold;

    /// <summary>Takes a look at the link.</summary>
    /// <returns>For how long it has been stalled, when the time is over; null otherwise.</returns>
    public TimeSpan? Look(bool isStalled, long now)
    {
        if (!isStalled)
        {
            _since = null;
            _isTold = false;
            return null;
        }

        _since ??= now;
        TimeSpan duration = TimeSpan.FromMilliseconds(now - _since.Value);
        return _isTold || duration < limit ? null : duration;
    }

    /// <summary>It has been told: once for one stall.</summary>
    public void MarkTold() => _isTold = true;
}
