namespace Messaging.Testing;

/// <summary>Time that passes on a clock which the test may hold in its hands.</summary>
internal static class TimeWaits
{
    public static async Task PassAsync(this TimeProvider time, TimeSpan duration, CancellationToken stop)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ITimer timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), passed, duration, Timeout.InfiniteTimeSpan);
        await passed.Task.WaitAsync(stop);
    }
}
