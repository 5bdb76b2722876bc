using System.Diagnostics.CodeAnalysis;

namespace Messaging.Broker.Queues;

/// <summary>
/// The bound of a queue. Credit is given for free room only, so that senders stop when it runs out; a message that arrives all the same
/// (through the anonymous terminus, or on the one credit that keeps a sender going while others hold unused credit) waits at the door.
/// </summary>
internal sealed class QueueRoom(int capacity, long capacityBytes)
{
    private const long SmallWindowBytes = 256 * 1024;

    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _atTheDoor = new();
    private readonly LinkedList<CreditLine> _wanting = new();
    private long _bytes;
    private int _count;
    private int _credited;
    private long _creditedBytes;
    private long _bytesAtTheDoor;
    private bool _isClosed;

    /// <summary>Messages inside.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Those that wait to come in.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
                return _atTheDoor.Count;
        }
    }

    private bool HasRoom => _count < capacity && _bytes < capacityBytes;

    /// <summary>A sender has attached: its first credit.</summary>
    public void Open(CreditLine line)
    {
        int credit;
        lock (_lock)
            credit = Grant(line);
        line.Give(credit);
    }

    /// <summary>A message has come in on a line's credit; more credit is due once half the window is used.</summary>
    public void Use(CreditLine line, int size)
    {
        int credit;
        lock (_lock)
        {
            _creditedBytes -= line.OutstandingBytes;
            line.Outstanding--;
            _credited--;
            if (size > 0)
                line.Measure(size);
            _creditedBytes += line.OutstandingBytes;
            credit = Grant(line);
        }

        line.Give(credit);
    }

    /// <summary>The line's link has ended.</summary>
    public void Close(CreditLine line)
    {
        List<(CreditLine Line, int Credit)>? grants;
        lock (_lock)
        {
            line.IsGone = true;
            _credited -= line.Outstanding;
            _creditedBytes -= line.OutstandingBytes;
            line.Outstanding = 0;
            if (line.Place.List is not null)
                _wanting.Remove(line.Place);
            grants = GrantWanting();
        }

        Give(grants);
    }

    /// <summary>Lets a message in.</summary>
    /// <returns>False when the queue was deleted.</returns>
    public ValueTask<bool> EnterAsync(int size, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (_isClosed)
                return new ValueTask<bool>(false);
            if (_atTheDoor.Count == 0 && HasRoom)
            {
                Add(size);
                return new ValueTask<bool>(true);
            }

            waiter = new Waiter(this, size);
            _atTheDoor.AddLast(waiter.Place);
            _bytesAtTheDoor += size;
        }

        return waiter.WaitAsync(cancellationToken);
    }

    /// <summary>Lets a message in that its sender has settled. It waits for room even when its sender is gone: therefore no more of them wait than the queue may hold.</summary>
    /// <param name="size">Its bytes.</param>
    /// <param name="stopping">Ends the wait.</param>
    /// <param name="entering">See <see cref="EnterAsync"/>.</param>
    /// <returns>False when as many wait already.</returns>
    public bool TryEnterSettled(int size, CancellationToken stopping, out ValueTask<bool> entering)
    {
        lock (_lock)
        {
            bool isFull = _atTheDoor.Count >= capacity || (_atTheDoor.Count > 0 && _bytesAtTheDoor + size > capacityBytes);
            entering = isFull ? new ValueTask<bool>(false) : EnterAsync(size, stopping);
            return !isFull;
        }
    }

    /// <summary>Whether there is room for more bytes, once so many have left.</summary>
    public bool HasBytes(long left)
    {
        lock (_lock)
            return _bytes - left < capacityBytes;
    }

    /// <summary>Messages have left: others may come in, and credit is given again.</summary>
    public void Leave(int count, long bytes)
    {
        List<(CreditLine Line, int Credit)>? grants;
        lock (_lock)
        {
            _count -= count;
            _bytes -= bytes;
            while (HasRoom && TryCall(out Waiter? waiter))
            {
                if (waiter.TryLetIn(true))
                    Add(waiter.Size);
            }

            grants = GrantWanting();
        }

        Give(grants);
    }

    /// <summary>The queue is deleted: nothing comes in any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (TryCall(out Waiter? waiter))
                waiter.TryLetIn(false);
            _wanting.Clear();
        }
    }

    private bool TryCall([NotNullWhen(true)] out Waiter? waiter)
    {
        waiter = _atTheDoor.First?.Value;
        if (waiter is not null)
            RemoveFromTheDoor(waiter);
        return waiter is not null;
    }

    /// <summary>One that does not wait any more must not be kept, with its message, until its turn would have come.</summary>
    private void Forget(Waiter waiter)
    {
        lock (_lock)
        {
            if (waiter.Place.List is not null)
                RemoveFromTheDoor(waiter);
        }
    }

    private void RemoveFromTheDoor(Waiter waiter)
    {
        _atTheDoor.Remove(waiter.Place);
        _bytesAtTheDoor -= waiter.Size;
    }

    private void Add(int size)
    {
        _count++;
        _bytes += size;
    }

    private int Grant(CreditLine line)
    {
        int window = line.Window;
        int wanted = window - line.Outstanding;
        if (line.IsGone || _isClosed || (wanted * 2) < window)
            return 0;

        int granted = Math.Min(wanted, FreeFor(line));
        // Small change is not worth a flow frame while the sender has credit.
        if (line.Outstanding > 0 && granted < window / 4)
            granted = 0;
        // Others may hold credit that they never use: a sender without any gets one as long as the queue is not full.
        if (line.Outstanding == 0 && granted <= 0)
            granted = HasRoom && _atTheDoor.Count == 0 ? 1 : 0;
        line.Outstanding += granted;
        _credited += granted;
        _creditedBytes += granted * line.MessageSize;
        if (granted < wanted && line.Place.List is null)
            _wanting.AddLast(line.Place);

        return granted;
    }

    private int FreeFor(CreditLine line)
    {
        if (!HasRoom)
            return 0;
        int free = Math.Max(capacity - _count - _credited - _atTheDoor.Count, 0);
        // What is credited to others may never come: a sender of small messages is not slowed down to one at a time for it.
        long freeBytes = Math.Max(capacityBytes - _bytes - _creditedBytes, Math.Min(capacityBytes - _bytes, SmallWindowBytes));
        return (int)Math.Min(free, freeBytes / line.MessageSize);
    }

    private List<(CreditLine Line, int Credit)>? GrantWanting()
    {
        List<(CreditLine, int)>? grants = null;
        for (int i = _wanting.Count; i > 0 && HasRoom; i--)
        {
            CreditLine line = _wanting.First!.Value;
            _wanting.RemoveFirst();
            int credit = Grant(line);
            if (credit > 0)
                (grants ??= []).Add((line, credit));
        }

        return grants;
    }

    private static void Give(List<(CreditLine Line, int Credit)>? grants)
    {
        if (grants is null)
            return;
        foreach ((CreditLine line, int credit) in grants)
            line.Give(credit);
    }

    private sealed class Waiter
    {
        private readonly TaskCompletionSource<bool> _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly QueueRoom _room;

        public Waiter(QueueRoom room, int size)
        {
            _room = room;
            Size = size;
            Place = new LinkedListNode<Waiter>(this);
        }

        public int Size { get; }

        /// <summary>Its place in the line; its list is null when it was called or has left.</summary>
        public LinkedListNode<Waiter> Place { get; }

        public bool TryLetIn(bool entered) => _entered.TrySetResult(entered);

        public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((Waiter)state!).Leave(token), this);
            return await _entered.Task.ConfigureAwait(false);
        }

        private void Leave(CancellationToken token)
        {
            if (_entered.TrySetCanceled(token))
                _room.Forget(this);
        }
    }
}
