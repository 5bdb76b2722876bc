namespace Messaging.Client;

/// <summary>The order of the sends of one link that had to wait for room: they are let in together and go on on several threads, yet start in the order in which they came.</summary>
internal sealed class StartOrder
{
    private readonly Lock _lock = new();
    private volatile Task _last = Task.CompletedTask;

    /// <summary>Whether nobody has to be waited for.</summary>
    public bool IsEmpty => _last.IsCompleted;

    /// <summary>Takes the next turn. Dispose it when the send has been posted or has failed.</summary>
    public Turn Enter()
    {
        lock (_lock)
        {
            var turn = new Turn(_last);
            _last = turn.Done;
            return turn;
        }
    }

    /// <summary>One send's place in the order.</summary>
    internal sealed class Turn(Task previous) : IDisposable
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when this turn and all before it are over; it never faults.</summary>
        public Task Done => _done.Task;

        /// <summary>Waits until all before it have started or failed.</summary>
        /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
        public Task WaitAsync(CancellationToken cancellationToken) => previous.IsCompleted ? Task.CompletedTask : previous.WaitAsync(cancellationToken);

        /// <summary>The turn is over. One that was cancelled before it came does not let the next pass those before it.</summary>
        public void Dispose()
        {
            if (previous.IsCompleted)
                _done.TrySetResult();
            else
                _ = previous.ContinueWith(static (_, done) => ((TaskCompletionSource)done!).TrySetResult(), _done, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }
}
