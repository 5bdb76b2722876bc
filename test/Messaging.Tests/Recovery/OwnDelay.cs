namespace Messaging.Tests.Recovery;

/// <summary>A delay of the application's own, which counts how often it was reset.</summary>
internal sealed class OwnDelay(Func<TimeSpan> next) : IReconnectDelay
{
    private int _resets;
    private int _calls;

    public int Resets => Volatile.Read(ref _resets);

    public int Calls => Volatile.Read(ref _calls);

    public void Reset() => Interlocked.Increment(ref _resets);

    public TimeSpan Next()
    {
        Interlocked.Increment(ref _calls);
        return next();
    }
}
