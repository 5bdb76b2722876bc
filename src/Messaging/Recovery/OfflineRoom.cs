namespace Messaging.Recovery;

/// <summary>How many sends may be queued while there is no connection; the others wait outside until it is back. Any thread may call it.</summary>
internal sealed class OfflineRoom(int maxCount, long maxBytes)
{
    private readonly Lock _lock = new();
    private volatile TaskCompletionSource? _back;
    private int _count;
    private long _bytes;

    /// <summary>Whether there is no connection now.</summary>
    public bool IsOffline => _back is not null;

    /// <summary>The connection is lost.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _back ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _count = 0;
            _bytes = 0;
        }
    }

    /// <summary>The connection is back, or gone for good: nobody waits any more.</summary>
    public void Open()
    {
        TaskCompletionSource? back;
        lock (_lock)
        {
            back = _back;
            _back = null;
        }

        back?.TrySetResult();
    }

    /// <summary>Takes a place for a message, or waits until none is needed.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public ValueTask EnterAsync(int bytes, CancellationToken cancellationToken)
    {
        Task back;
        lock (_lock)
        {
            if (_back is null)
                return ValueTask.CompletedTask;
            // One message is let in however large it is, or it could never go.
            if (_count == 0 || (_count < maxCount && _bytes + bytes <= maxBytes))
            {
                _count++;
                _bytes += bytes;
                return ValueTask.CompletedTask;
            }

            back = _back.Task;
        }

        return new ValueTask(back.WaitAsync(cancellationToken));
    }
}
