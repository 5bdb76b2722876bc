namespace Messaging.Client;

/// <summary>Limits that several steps share.</summary>
internal static class TimeLimits
{
    /// <summary>What is left of a limit; never nothing, so that it can be a limit itself.</summary>
    public static TimeSpan Left(TimeSpan limit, TimeSpan elapsed)
    {
        if (limit == Timeout.InfiniteTimeSpan)
            return limit;
        return elapsed < limit ? limit - elapsed : TimeSpan.FromMilliseconds(1);
    }
}
