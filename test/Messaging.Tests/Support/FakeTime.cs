using Microsoft.Extensions.Time.Testing;

namespace Messaging.Tests.Support;

internal static class FakeTime
{
    /// <summary>Lets time pass in steps until the task ends: whether its timer was set before or after a step makes no difference.</summary>
    public static async Task PassUntilAsync(this FakeTimeProvider time, Task task, TimeSpan step)
    {
        await BoundedWaits.UntilAsync(() =>
        {
            if (!task.IsCompleted)
                time.Advance(step);
            return task.IsCompleted;
        });
    }
}
