using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Messaging.Client;

/// <summary>
/// What peers bring and the application has not seen yet, in order. One that goes away before it was seen is taken out, so that a peer that comes and
/// goes for ever leaves nothing behind. Any thread may call it.
/// </summary>
internal sealed class UnseenQueue<T>
    where T : class
{
    private readonly Lock _lock = new();
    private readonly LinkedList<T> _items = new();
    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool _isEnded;

    /// <summary>Adds an item.</summary>
    /// <param name="place">A node that holds it, for <see cref="Remove"/>.</param>
    /// <returns>False when the queue has ended: nobody will see it.</returns>
    public bool TryAdd(LinkedListNode<T> place)
    {
        lock (_lock)
        {
            if (_isEnded)
                return false;
            _items.AddLast(place);
        }

        _arrived.Writer.TryWrite(true);
        return true;
    }

    public void Remove(LinkedListNode<T> place)
    {
        lock (_lock)
        {
            if (place.List is not null)
                _items.Remove(place);
        }
    }

    /// <summary>Ends the enumerations: normally, or with the error.</summary>
    /// <returns>What nobody has seen.</returns>
    public T[] End(Exception? error = null)
    {
        T[] unseen;
        lock (_lock)
        {
            _isEnded = true;
            unseen = [.. _items];
            _items.Clear();
        }

        _arrived.Writer.TryComplete(error);
        return unseen;
    }

    public async IAsyncEnumerable<T> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(out T? item))
                yield return item;
            else if (!await _arrived.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                yield break;
            else
                _arrived.Reader.TryRead(out _);
        }
    }

    private bool TryTake([NotNullWhen(true)] out T? item)
    {
        lock (_lock)
        {
            item = _items.First?.Value;
            if (item is null)
                return false;
            _items.RemoveFirst();
            if (_items.Count > 0)
                _arrived.Writer.TryWrite(true); // for another enumeration
            return true;
        }
    }
}
