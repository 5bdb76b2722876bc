using System.IO.Pipelines;

namespace Messaging.Transport;

/// <summary>Queues a pipe's continuations to the thread pool without allocating: one side of an in-process stream never runs on the other's stack, where it could recurse or block it.</summary>
internal sealed class TurnScheduler : PipeScheduler, IThreadPoolWorkItem
{
    private Action<object?>? _action;
    private object? _state;
    private int _queued;

    public override void Schedule(Action<object?> action, object? state)
    {
        if (Interlocked.CompareExchange(ref _queued, 1, 0) != 0)
        {
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(action, state, preferLocal: false); // the one before has not begun: rare
            return;
        }

        _action = action;
        _state = state;
        System.Threading.ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        Action<object?> action = _action!;
        object? state = _state;
        (_action, _state) = (null, null);
        Volatile.Write(ref _queued, 0);
        action(state);
    }
}
