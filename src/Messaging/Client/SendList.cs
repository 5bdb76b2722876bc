namespace Messaging.Client;

/// <summary>The sends that are not complete, oldest first. Owned by the loop.</summary>
internal sealed class SendList
{
    private OutgoingSend? _last;

    public OutgoingSend? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>How many of them have a deadline.</summary>
    public int Timed { get; private set; }

    public void Add(OutgoingSend send)
    {
        send.Previous = _last;
        send.Next = null;
        if (_last is null)
            First = send;
        else
            _last.Next = send;
        _last = send;
        Count++;
        Timed += send.IsTimed ? 1 : 0;
    }

    public void Remove(OutgoingSend send)
    {
        if (send.Previous is null)
            First = send.Next;
        else
            send.Previous.Next = send.Next;
        if (send.Next is null)
            _last = send.Previous;
        else
            send.Next.Previous = send.Previous;
        send.Previous = send.Next = null;
        Count--;
        Timed -= send.IsTimed ? 1 : 0;
    }
}
