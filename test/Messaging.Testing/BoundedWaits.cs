namespace Messaging.Testing;

/// <summary>Every wait of a test has an end; the limit is generous because test machines are busy.</summary>
internal static class BoundedWaits
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>How often a condition is looked at before it is worth a pause.</summary>
    private const int EagerTurns = 200;

    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task Bounded(this Task task)
    {
        try
        {
            await task.WaitAsync(Limit, Stop);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            Assert.Fail($"It has not ended within {Limit}."); // no TimeoutException: a test may wait for one of the product's
        }
    }

    public static async Task<T> Bounded<T>(this Task<T> task)
    {
        await ((Task)task).Bounded();
        return await task;
    }

    public static Task Bounded(this ValueTask task) => task.AsTask().Bounded();

    public static Task<T> Bounded<T>(this ValueTask<T> task) => task.AsTask().Bounded();

    /// <summary>The exception with which a task ends.</summary>
    public static Task<T> Throws<T>(this Task task)
        where T : Exception => Assert.ThrowsAsync<T>(() => task.Bounded());

    /// <summary>The exception with which a task ends, of this kind or one derived from it.</summary>
    public static Task<T> ThrowsAny<T>(this Task task)
        where T : Exception => Assert.ThrowsAnyAsync<T>(() => task.Bounded());

    /// <summary>The exception with which a task ends.</summary>
    public static Task<T> Throws<T>(this ValueTask task)
        where T : Exception => Throws<T>(task.AsTask());

    /// <summary>The exception with which a task ends.</summary>
    public static Task<T> Throws<T, TResult>(this ValueTask<TResult> task)
        where T : Exception => Throws<T>(task.AsTask());

    /// <summary>Runs a consumer or producer beside the test.</summary>
    public static Task Run(Func<Task> work) => Task.Run(work, Stop);

    /// <summary>Runs a consumer or producer beside the test.</summary>
    public static Task<T> Run<T>(Func<Task<T>> work) => Task.Run(work, Stop);

    /// <summary>Waits for a condition that other tasks bring about: it looks again whenever the pool has run something else, and after a while less often, not to take the processor from those tasks.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        long start = TimeProvider.System.GetTimestamp();
        for (int turn = 0; !condition(); turn++)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Limit, "The condition did not come true in time.");
            if (turn < EagerTurns)
                await Task.Run(static () => { }, Stop);
            else
                await TimeProvider.System.PassAsync(Pause, Stop);
        }
    }
}
