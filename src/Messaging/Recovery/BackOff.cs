namespace Messaging.Recovery;

/// <summary>Where the delays stand, across outages: they begin anew only after what they are for was up for the stable period.</summary>
internal sealed class BackOff(IReconnectDelay delay, TimeSpan stablePeriod, TimeProvider time)
{
    /// <summary>The longest delay of a timer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    private long? _upSince;
    private bool _wasStable;

    public void OnUp() => _upSince = time.GetTimestamp();

    /// <summary>What was up is lost.</summary>
    public void OnDown()
    {
        _wasStable |= _upSince is { } since && time.GetElapsedTime(since) >= stablePeriod;
        _upSince = null;
    }

    /// <summary>The next delay, from zero to <see cref="Longest"/> whatever the application's own says.</summary>
    /// <exception cref="MessagingConnectionException">The application's own delay has failed.</exception>
    public TimeSpan Next()
    {
        try
        {
            if (_wasStable)
                delay.Reset();
            _wasStable = false;
            TimeSpan next = delay.Next();
            return next < TimeSpan.Zero ? TimeSpan.Zero : next > Longest ? Longest : next;
        }
        catch (Exception exception)
        {
            throw new MessagingConnectionException(
                $"The delays between attempts cannot be had: RecoveryOptions.Delay threw {exception.GetType().Name}: {exception.Message} Correct the {nameof(IReconnectDelay)}.", isTransient: false, innerException: exception);
        }
    }
}
