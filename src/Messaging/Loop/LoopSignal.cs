using System.Threading.Tasks.Sources;

namespace Messaging.Loop;

/// <summary>Wakes the one waiting loop; wakes that come while it runs are remembered as one.</summary>
internal sealed class LoopSignal : IValueTaskSource, IThreadPoolWorkItem
{
    private const int Idle = 0;
    private const int Waiting = 1;
    private const int Signalled = 2;

    private ManualResetValueTaskSourceCore<bool> _core;
    private int _state;
    private volatile bool _comesBack;

    /// <summary>Whether a thread that runs the application now comes back to the loop right after it. Said by the loop before it sleeps.</summary>
    public bool ComesBack => _comesBack;

    /// <summary>Whether this run is the one of the thread that came back. Owned by the loop.</summary>
    public bool IsBack { get; set; }

    /// <summary>Whether the loop, which runs, has been woken again meanwhile.</summary>
    public bool IsSet => Volatile.Read(ref _state) == Signalled;

    /// <summary>Wakes the loop through the global queue of the pool, so that callers that are ready go first and their commands share one turn.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    /// <summary>Wakes the loop and lets it run on this thread: for I/O completions, which have no work of their own.</summary>
    public void SetInline()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
            Resume();
    }

    /// <summary>Wakes the loop and lends it this thread for a turn, which spares the hop to another one. No code of the application runs below the caller.</summary>
    public void SetLent()
    {
        if (Interlocked.Exchange(ref _state, Signalled) == Waiting)
            _core.SetResult(true);
    }

    /// <summary>The loop leaves something for this thread, which goes on with the application and comes back. Only the loop calls it.</summary>
    public void LeaveForThisThread() => _comesBack = true;

    /// <summary>The loop looks at everything now: who is told afterwards that nobody comes back wakes it.</summary>
    public void TakeUp() => Interlocked.Exchange(ref _comesBack, false);

    /// <summary>Whether this thread runs the loop next, so that what was posted need not wake it.</summary>
    public bool IsThisThreadNext()
    {
        if (!TailCompletion.IsContinuing(this))
            return false;
        Interlocked.MemoryBarrier(); // what was posted is seen by who takes up after this
        return _comesBack;
    }

    /// <summary>Waits for the next wake; only the loop calls it.</summary>
    public ValueTask WaitAsync()
    {
        if (Interlocked.CompareExchange(ref _state, Idle, Signalled) == Signalled)
            return ValueTask.CompletedTask;

        _core.Reset();
        return Interlocked.CompareExchange(ref _state, Waiting, Idle) == Idle
            ? new ValueTask(this, _core.Version)
            : TakeSignal();
    }

    /// <summary>Lets everything else that is queued on the pool go first; wakes that come meanwhile need no other hop.</summary>
    public ValueTask YieldAsync()
    {
        _core.Reset();
        Interlocked.Exchange(ref _state, Signalled);
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        return new ValueTask(this, _core.Version);
    }

    /// <summary>Runs the loop until it waits again, then what its last turn completed.</summary>
    private void Resume()
    {
        TailCompletion.RunWithTail(static signal => signal._core.SetResult(true), this);
        while (_comesBack)
        {
            _comesBack = false;
            if (Interlocked.Exchange(ref _state, Signalled) != Waiting)
                return; // it runs elsewhere, and looks again
            IsBack = true;
            TailCompletion.RunWithTail(static signal => signal._core.SetResult(true), this);
        }
    }

    private ValueTask TakeSignal()
    {
        Interlocked.Exchange(ref _state, Idle);
        return ValueTask.CompletedTask;
    }

    void IThreadPoolWorkItem.Execute() => Resume();

    void IValueTaskSource.GetResult(short token)
    {
        // A full fence: the loop must read its mailbox after this, or a wake could fall between the two.
        Interlocked.Exchange(ref _state, Idle);
        _core.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
