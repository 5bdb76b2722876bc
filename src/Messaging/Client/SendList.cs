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
        send.Older = _last;
        send.Newer = null;
        if (_last is null)
            First = send;
        else
            _last.Newer = send;
        _last = send;
        Count++;
        Timed += send.IsTimed ? 1 : 0;
    }

    public void Remove(OutgoingSend send)
    {
        if (send.Older is null)
            First = send.Newer;
        else
            send.Older.Newer = send.Newer;
        if (send.Newer is null)
            _last = send.Older;
        else
            send.Newer.Older = send.Older;
        send.Older = send.Newer = null;
        Count--;
        Timed -= send.IsTimed ? 1 : 0;
    }
}
