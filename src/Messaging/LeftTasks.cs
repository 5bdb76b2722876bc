namespace Messaging;

/// <summary>Waits for the application's own code that may end before that code does.</summary>
internal static class LeftTasks
{
    /// <summary>Waits until the task ends or the token is cancelled; a failure that comes after that is nobody's, and must not be reported as unobserved.</summary>
    public static Task<T> WaitOrLeaveAsync<T>(this Task<T> task, CancellationToken cancellationToken)
    {
        task.MayFailUnseen();
        return task.WaitAsync(cancellationToken);
    }

    /// <summary>Whoever waits may leave before the task fails: that is not reported as unobserved.</summary>
    public static void MayFailUnseen(this Task task) =>
        _ = task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
