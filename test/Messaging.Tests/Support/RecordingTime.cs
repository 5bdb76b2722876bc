using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Support;

/// <summary>Fake time that knows which waits have begun, so that a test lets it pass only when somebody waits for it.</summary>
internal sealed class RecordingTime : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _begun = new();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _begun.Enqueue(dueTime);
        return timer;
    }

    /// <summary>Forgets the waits that have begun so far.</summary>
    public void Forget() => _begun.Clear();

    /// <summary>Returns when somebody waits for so long.</summary>
    public Task BegunAsync(TimeSpan wait) => BoundedWaits.UntilAsync(() => _begun.Contains(wait));
}
