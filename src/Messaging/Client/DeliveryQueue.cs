using System.Diagnostics.CodeAnalysis;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>
/// The deliveries of one receiver on their way from the loop to the consumers, in order. Bounded by the credit that was granted.
/// A channel would do, but its waiters always cost a hop to another thread (see <see cref="TailCompletion"/>).
/// </summary>
internal sealed class DeliveryQueue(Action<Delivery, bool> onTaking)
{
    private readonly Lock _lock = new();
    private readonly Queue<Delivery> _items = new();
    private readonly LinkedList<DeliveryWaiter> _waiters = new();
    private bool _isEnded;
    private MessagingException? _error;
    private long _taken;

    /// <summary>Deliveries that have left the queue, since the beginning.</summary>
    public long Taken => Volatile.Read(ref _taken);

    /// <summary>Whether nothing waits to be taken, as far as can be said without waiting.</summary>
    public bool IsEmpty => _items.Count == 0;

    public bool TryTake([NotNullWhen(true)] out Delivery? delivery)
    {
        lock (_lock)
        {
            if (!_items.TryDequeue(out delivery))
                return false;
            Take(delivery, isCounted: false);
            return true;
        }
    }

    /// <summary>Takes the next delivery, waiting for it if need be.</summary>
    /// <param name="isCounted">Whether a counted stream takes it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The delivery; null after a local end.</returns>
    /// <exception cref="MessagingException">The link has ended with this error.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; no delivery was taken.</exception>
    public ValueTask<Delivery?> TakeAsync(bool isCounted, CancellationToken cancellationToken)
    {
        DeliveryWaiter waiter;
        lock (_lock)
        {
            if (_items.TryDequeue(out Delivery? delivery))
            {
                Take(delivery, isCounted);
                return new ValueTask<Delivery?>(delivery);
            }

            if (_isEnded)
                return _error is null ? default : ValueTask.FromException<Delivery?>(_error);
            if (cancellationToken.IsCancellationRequested)
                return ValueTask.FromCanceled<Delivery?>(cancellationToken);
            waiter = DeliveryWaiter.Rent(this, isCounted);
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

            Take(delivery, waiter.IsCounted);
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

    /// <summary>Takes out what the peer takes back, for nobody to get. What it had settled is nobody's but ours, and still handed out.</summary>
    public List<Delivery> TakeUnsettled()
    {
        List<Delivery> unsettled = [];
        lock (_lock)
        {
            for (int i = _items.Count; i > 0; i--)
            {
                Delivery delivery = _items.Dequeue();
                if (delivery.Settled)
                    _items.Enqueue(delivery);
                else
                    unsettled.Add(delivery);
            }

            Volatile.Write(ref _taken, _taken + unsettled.Count);
        }

        return unsettled;
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

    /// <summary>Whoever reads <see cref="Taken"/> first and the demand then sees no room that is not there.</summary>
    private void Take(Delivery delivery, bool isCounted)
    {
        onTaking(delivery, isCounted);
        Volatile.Write(ref _taken, _taken + 1);
    }

    private DeliveryWaiter? Dequeue()
    {
        if (_waiters.First is not { } node)
            return null;
        _waiters.Remove(node);
        return node.Value;
    }
}
