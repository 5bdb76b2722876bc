using System.Threading.Tasks.Sources;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>One consumer that waits for a delivery. Pooled: it goes back when its result has been taken.</summary>
internal sealed class DeliveryWaiter : IValueTaskSource<Delivery?>, ITailCompletion
{
    private static readonly BoundedPool<DeliveryWaiter> Pool = new(capacity: 256);

    private ManualResetValueTaskSourceCore<Delivery?> _core;
    private CancellationTokenRegistration _registration;
    private CancellationToken _token;
    private DeliveryQueue? _queue;
    private volatile bool _isAwaited;

    private DeliveryWaiter() => Node = new LinkedListNode<DeliveryWaiter>(this);

    /// <summary>Its place in the queue's list of waiters.</summary>
    public LinkedListNode<DeliveryWaiter> Node { get; }

    /// <summary>The delivery that it will get.</summary>
    public Delivery? Delivery { get; set; }

    /// <summary>Whether a counted stream waits.</summary>
    public bool IsCounted { get; private set; }

    public bool IsAwaited => _isAwaited;

    public static DeliveryWaiter Rent(DeliveryQueue queue, bool isCounted)
    {
        DeliveryWaiter waiter = Pool.TryRent() ?? new DeliveryWaiter();
        waiter._queue = queue;
        waiter.IsCounted = isCounted;
        return waiter;
    }

    public ValueTask<Delivery?> WaitAsync(CancellationToken cancellationToken)
    {
        var task = new ValueTask<Delivery?>(this, _core.Version);
        _token = cancellationToken;
        if (cancellationToken.CanBeCanceled)
            _registration = cancellationToken.UnsafeRegister(static state => ((DeliveryWaiter)state!).Cancel(), this);
        return task;
    }

    public void CompleteQueued()
    {
        _core.RunContinuationsAsynchronously = true;
        _core.SetResult(Delivery);
    }

    public void CompleteInline()
    {
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(Delivery);
    }

    /// <summary>The link has ended.</summary>
    public void Fail(MessagingException? error)
    {
        _core.RunContinuationsAsynchronously = true;
        if (error is null)
            _core.SetResult(null);
        else
            _core.SetException(error);
    }

    private void Cancel()
    {
        if (!_queue!.TryRemove(this))
            return;
        _core.RunContinuationsAsynchronously = true;
        _core.SetException(new OperationCanceledException(_token));
    }

    Delivery? IValueTaskSource<Delivery?>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Recycle();
        }
    }

    ValueTaskSourceStatus IValueTaskSource<Delivery?>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<Delivery?>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        _isAwaited = true;
        _core.OnCompleted(continuation, state, token, flags);
    }

    /// <summary>One whose token fires at this moment may still be looked at: it is left to the collector.</summary>
    private void Recycle()
    {
        if (_token.CanBeCanceled && !_registration.Unregister())
            return;
        _registration = default;
        _token = default;
        _isAwaited = false;
        _queue = null;
        Delivery = null;
        _core.Reset();
        Pool.Return(this);
    }
}
