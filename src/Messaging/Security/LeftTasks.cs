namespace Messaging.Security;

/// <summary>Waits for the application's own code that may end before that code does.</summary>
internal static class LeftTasks
{
    /// <summary>Waits until the task ends or the token is cancelled; a failure that comes after that is nobody's, and must not be reported as unobserved.</summary>
    public static Task<T> WaitOrLeaveAsync<T>(this Task<T> task, CancellationToken cancellationToken)
    {
        _ = task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return task.WaitAsync(cancellationToken);
    }
}
