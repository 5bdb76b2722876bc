using System.Diagnostics;
using Messaging.Loop;

namespace Messaging.Client;

/// <summary>The sends that are not complete, oldest first. Owned by the loop, which has the sums over all links.</summary>
internal sealed class SendList(ConnectionLoop loop)
{
    private OutgoingSend? _last;
    private int _left;

    public OutgoingSend? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>How many of them somebody waits for.</summary>
    public int Waited => Count - _left;

    /// <summary>How many of them have a deadline.</summary>
    public int Timed { get; private set; }

    public void Add(OutgoingSend send)
    {
        send.Older = _last;
        send.Newer = null;
        send.IsListed = true;
        if (_last is null)
            First = send;
        else
            _last.Newer = send;
        _last = send;
        Count++;
        loop.OpenSends++;
        CountTimed(send, 1);
    }

    public void Remove(OutgoingSend send)
    {
        Debug.Assert(send.IsListed, "A send that is not in the list would take the others out of it.");
        if (send.Older is null)
            First = send.Newer;
        else
            send.Older.Newer = send.Newer;
        if (send.Newer is null)
            _last = send.Older;
        else
            send.Newer.Older = send.Older;
        send.Older = send.Newer = null;
        send.IsListed = false;
        Count--;
        loop.OpenSends--;
        CountTimed(send, -1);
        _left -= send.IsLeft ? 1 : 0;
    }

    /// <summary>Its time is over.</summary>
    public void Untime(OutgoingSend send)
    {
        CountTimed(send, -1);
        send.IsTimed = false;
    }

    /// <summary>Nobody waits for its outcome any more.</summary>
    public void Leave(OutgoingSend send)
    {
        Untime(send);
        _left += send.IsLeft ? 0 : 1;
        send.IsLeft = true;
    }

    /// <summary>Those that somebody waits for, by whether the peer may have them.</summary>
    public LinkRemains CountWaited()
    {
        int unsent = 0;
        int inDoubt = 0;
        for (OutgoingSend? send = First; send is not null; send = send.Newer)
        {
            if (send.IsLeft)
                continue;
            if (send.MayHaveArrived)
                inDoubt++;
            else
                unsent++;
        }

        return new LinkRemains(unsent, inDoubt);
    }

    private void CountTimed(OutgoingSend send, int change)
    {
        if (!send.IsTimed)
            return;
        Timed += change;
        loop.TimedSends += change;
    }
}
