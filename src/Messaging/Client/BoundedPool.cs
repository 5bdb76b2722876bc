using System.Collections.Concurrent;

namespace Messaging.Client;

/// <summary>Keeps at most so many objects for reuse; the rest is left to the collector.</summary>
internal sealed class BoundedPool<T>(int capacity)
    where T : class
{
    private readonly ConcurrentQueue<T> _items = new();
    private int _count;

    public T? TryRent()
    {
        if (!_items.TryDequeue(out T? item))
            return null;
        Interlocked.Decrement(ref _count);
        return item;
    }

    public void Return(T item)
    {
        if (Interlocked.Increment(ref _count) > capacity)
        {
            Interlocked.Decrement(ref _count);
            return;
        }

        _items.Enqueue(item);
    }
}
