namespace Messaging.Recovery;

/// <summary>0, then the initial delay, multiplied each time up to the longest, each shortened by a random part.</summary>
internal sealed class ExponentialDelay(RecoveryOptions options) : IReconnectDelay
{
    private readonly Random _random = options.JitterSeed is { } seed ? new Random(seed) : new Random();
    private TimeSpan _next = TimeSpan.Zero;

    public void Reset() => _next = TimeSpan.Zero;

    public TimeSpan Next()
    {
        TimeSpan delay = _next;
        if (delay == TimeSpan.Zero)
            _next = options.InitialDelay;
        else if (delay >= options.MaxDelay / options.Multiplier)
            _next = options.MaxDelay;
        else
            _next = delay * options.Multiplier;
        return delay * (1 - (options.Jitter * _random.NextDouble()));
    }
}
