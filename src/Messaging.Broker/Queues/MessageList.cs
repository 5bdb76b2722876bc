namespace Messaging.Broker.Queues;

/// <summary>Messages linked to one another; one list at a time. Not safe for concurrent use.</summary>
internal sealed class MessageList
{
    private static readonly Comparer<QueuedMessage> ByPlace = Comparer<QueuedMessage>.Create(static (x, y) => x.Sequence.CompareTo(y.Sequence));

    private QueuedMessage? _last;
    private SortedSet<QueuedMessage>? _returned; // those of this list that were put back: they come back in any order, and any number of them

    public QueuedMessage? First { get; private set; }

    public int Count { get; private set; }

    public void Append(QueuedMessage message) => InsertAfter(_last, message);

    /// <summary>Puts a message back at the place of its number.</summary>
    public void InsertInOrder(QueuedMessage message)
    {
        _returned ??= new SortedSet<QueuedMessage>(ByPlace);
        QueuedMessage? before = _returned.Min is { } min && min.Sequence < message.Sequence ? _returned.GetViewBetween(min, message).Max : null;
        for (QueuedMessage? next = before is null ? First : before.Next; next is not null && next.Sequence < message.Sequence; next = next.Next)
            before = next; // what no consumer has had yet lies behind it, save what the last ones refused
        InsertAfter(before, message);
        _returned.Add(message);
    }

    public void Remove(QueuedMessage message)
    {
        if (message.Previous is { } previous)
            previous.Next = message.Next;
        else
            First = message.Next;
        if (message.Next is { } next)
            next.Previous = message.Previous;
        else
            _last = message.Previous;
        message.Previous = message.Next = null;
        message.List = null;
        Count--;
        if (_returned is { Count: > 0 } returned)
            returned.Remove(message);
    }

    private void InsertAfter(QueuedMessage? before, QueuedMessage message)
    {
        QueuedMessage? after = before is null ? First : before.Next;
        message.List = this;
        message.Previous = before;
        message.Next = after;
        if (before is null)
            First = message;
        else
            before.Next = message;
        if (after is null)
            _last = message;
        else
            after.Previous = message;
        Count++;
    }
}
