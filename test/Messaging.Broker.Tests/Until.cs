using System.Diagnostics;

namespace Messaging.Broker.Tests;

/// <summary>Waits with an end; the limit is generous because test machines are busy.</summary>
internal static class Until
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>Waits for work that a slow machine may take its time for, as long as it goes on: only a standstill fails.</summary>
    /// <param name="task">The work.</param>
    /// <param name="progress">What has been done; it must change within the limit.</param>
    /// <param name="what">Where it stands, for the failure.</param>
    public static async Task WhileItGoesOn(this Task task, Func<long> progress, Func<string> what)
    {
        while (true)
        {
            long before = progress();
            try
            {
                await task.WaitAsync(Limit, TestContext.Current.CancellationToken);
                return;
            }
            catch (TimeoutException) when (!task.IsCompleted)
            {
                Assert.True(progress() != before, $"Nothing has happened for {Limit.TotalSeconds} s: {what()}");
            }
        }
    }

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
