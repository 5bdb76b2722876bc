using System.Diagnostics.CodeAnalysis;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>
/// The deliveries of one receiver on their way from the loop to the consumers, in order. Bounded by the credit that was granted.
/// A channel would do, but its waiters always cost a hop to another thread (see <see cref="TailCompletion"/>).
/// </summary>
internal sealed class DeliveryQueue
{
    private readonly Lock _lock = new();
    private readonly Queue<Delivery> _items = new();
    private readonly LinkedList<DeliveryWaiter> _waiters = new();
    private bool _isEnded;
    private MessagingException? _error;

    /// <summary>Deliveries handed out, since the beginning.</summary>
    public long Taken { get; private set; }

    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_lock)
        {
            if (!_items.TryDequeue(out delivery))
                return false;
            Taken++;
            return true;
        }
    }

    /// <summary>Takes the next delivery, waiting for it if need be.</summary>
    /// <returns>The delivery; null after a local end.</returns>
    /// <exception cref="MessagingException">The link has ended with this error.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; no delivery was taken.</exception>
    public ValueTask<Delivery?> TakeAsync(CancellationToken cancellationToken)
    {
        DeliveryWaiter waiter;
        lock (_lock)
        {
            if (_items.TryDequeue(out Delivery? delivery))
            {
                Taken++;
                return new ValueTask<Delivery?>(delivery);
            }

            if (_isEnded)
                return _error is null ? default : ValueTask.FromException<Delivery?>(_error);
            if (cancellationToken.IsCancellationRequested)
                return ValueTask.FromCanceled<Delivery?>(cancellationToken);
            waiter = DeliveryWaiter.Rent(this);
            _waiters.AddLast(waiter.Node);
        }

        return waiter.WaitAsync(cancellationToken);
    }

    /// <summary>Adds a delivery, or hands it to who waits longest. Runs on the loop.</summary>
    public void Add(Delivery delivery, ConnectionLoop loop)
    {
        DeliveryWaiter? waiter;
        lock (_lock)
        {
            waiter = Dequeue();
            if (waiter is null)
            {
                _items.Enqueue(delivery);
                return;
            }

            Taken++;
        }

        waiter.Delivery = delivery;
        loop.Complete(waiter);
    }

    /// <summary>Ends the queue: what waits and what comes gets the error, or null without one. Deliveries in it stay until they are taken out.</summary>
    public void End(MessagingException? error)
    {
        lock (_lock)
        {
            _isEnded = true;
            _error = error;
        }

        while (true)
        {
            DeliveryWaiter? waiter;
            lock (_lock)
                waiter = Dequeue();
            if (waiter is null)
                return;
            waiter.Fail(error);
        }
    }

    /// <summary>Takes a waiter out.</summary>
    /// <returns>False when it is being completed already.</returns>
    public bool TryRemove(DeliveryWaiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Node.List is null)
                return false;
            _waiters.Remove(waiter.Node);
            return true;
        }
    }

    private DeliveryWaiter? Dequeue()
    {
        if (_waiters.First is not { } node)
            return null;
        _waiters.Remove(node);
        return node.Value;
    }
}
