using System.Diagnostics;

namespace Messaging.Broker.Tests;

/// <summary>Waits with an end.</summary>
internal static class Until
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static Task Bounded(this Task task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    public static Task<T> Bounded<T>(this Task<T> task) => task.WaitAsync(Limit, TestContext.Current.CancellationToken);

    /// <summary>For what nothing tells: looks again and again.</summary>
    public static async Task TrueAsync(Func<bool> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
                Assert.Fail(what());
            await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
