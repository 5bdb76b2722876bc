namespace Messaging.Broker.Queues;

/// <summary>Messages linked to one another; one list at a time. Not safe for concurrent use.</summary>
internal sealed class MessageList
{
    private QueuedMessage? _last;

    // Where the last returned message was put: those that come back together belong side by side.
    private QueuedMessage? _hint;

    public QueuedMessage? First { get; private set; }

    public int Count { get; private set; }

    public void Append(QueuedMessage message) => InsertAfter(_last, message);

    /// <summary>Puts a message back at the place of its number.</summary>
    public void InsertInOrder(QueuedMessage message)
    {
        QueuedMessage? before = _hint is { } hint && ReferenceEquals(hint.List, this) && hint.Sequence < message.Sequence ? hint : null;
        for (QueuedMessage? next = before is null ? First : before.Next; next is not null && next.Sequence < message.Sequence; next = next.Next)
            before = next;
        InsertAfter(before, message);
        _hint = message;
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
        if (ReferenceEquals(_hint, message))
            _hint = null;
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
