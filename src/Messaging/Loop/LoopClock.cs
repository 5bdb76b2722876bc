namespace Messaging.Loop;

/// <summary>Milliseconds since the loop began, and the one timer that wakes it.</summary>
internal sealed class LoopClock : IDisposable
{
    private readonly TimeProvider _time;
    private readonly long _origin;
    private readonly LoopSignal _signal;
    private readonly ITimer _timer;
    private long _due = long.MaxValue;

    public LoopClock(TimeProvider time, LoopSignal signal)
    {
        _time = time;
        _origin = time.GetTimestamp();
        _signal = signal;
        _timer = time.CreateTimer(static state => ((LoopClock)state!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public long Now => (long)_time.GetElapsedTime(_origin).TotalMilliseconds;

    /// <summary>When a wait that begins now is over; <see cref="long.MaxValue"/> for an infinite one.</summary>
    public long DeadlineIn(TimeSpan delay) => delay == Timeout.InfiniteTimeSpan ? long.MaxValue : Now + (long)delay.TotalMilliseconds;

    /// <summary>Wakes the loop at the deadline. A timer that is due earlier is left alone: it wakes the loop, which arms it again.</summary>
    public void WakeAt(long deadline, long now)
    {
        if (deadline == long.MaxValue || deadline >= Volatile.Read(ref _due))
            return;
        Volatile.Write(ref _due, deadline);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(deadline - now, 1, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _timer.Dispose();

    /// <summary>A timer counts by another clock and may be due a little early: only from here on does the loop know that it must be armed again.</summary>
    private void OnDue()
    {
        Volatile.Write(ref _due, long.MaxValue);
        _signal.Set();
    }
}
