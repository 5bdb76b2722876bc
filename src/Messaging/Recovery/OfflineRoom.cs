namespace Messaging.Recovery;

/// <summary>
/// How many sends of one connection may be queued while their links are lost, with the connection or alone; the others wait outside, in their order, until there
/// is room or their link is back. A place is given back when its send is done with, however that ends. Any thread may call it.
/// </summary>
internal sealed class OfflineRoom(int maxCount, long maxBytes)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private int _count;
    private long _bytes;

    /// <summary>The link is lost: its sends need a place from now on.</summary>
    public void Close(OfflineGate gate)
    {
        lock (_lock)
            gate.IsClosed = true;
    }

    /// <summary>The link is back, or gone for good: none of its sends waits any more.</summary>
    public void Open(OfflineGate gate)
    {
        lock (_lock)
        {
            if (!gate.IsClosed)
                return;
            gate.IsClosed = false;
            for (LinkedListNode<Waiter>? node = _waiting.First; node is not null;)
            {
                LinkedListNode<Waiter>? next = node.Next;
                if (ReferenceEquals(node.Value.Gate, gate))
                    LetIn(node, hasPlace: false);
                node = next;
            }

            LetInWhatFits();
        }
    }

    /// <summary>Takes a place for a message, or waits until there is one or none is needed.</summary>
    /// <returns>Whether a place was taken, which is to be given back.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled first.</exception>
    public ValueTask<bool> EnterAsync(OfflineGate gate, int bytes, CancellationToken cancellationToken)
    {
        Waiter waiter;
        lock (_lock)
        {
            if (!gate.IsClosed)
                return new ValueTask<bool>(false);
            if (_waiting.Count == 0 && HasRoom(bytes))
            {
                Take(bytes);
                return new ValueTask<bool>(true);
            }

            waiter = new Waiter(gate, bytes);
            _waiting.AddLast(waiter.Node);
        }

        return WaitAsync(waiter, cancellationToken);
    }

    /// <summary>Gives a place back.</summary>
    public void Leave(int bytes)
    {
        lock (_lock)
        {
            _count--;
            _bytes -= bytes;
            LetInWhatFits();
        }
    }

    /// <summary>One message is let in however large it is, or it could never go.</summary>
    private bool HasRoom(int bytes) => _count == 0 || (_count < maxCount && _bytes + bytes <= maxBytes);

    private void Take(int bytes)
    {
        _count++;
        _bytes += bytes;
    }

    private void LetInWhatFits()
    {
        while (_waiting.First is { } first && HasRoom(first.Value.Bytes))
        {
            Take(first.Value.Bytes);
            LetIn(first, hasPlace: true);
        }
    }

    private void LetIn(LinkedListNode<Waiter> node, bool hasPlace)
    {
        _waiting.Remove(node);
        node.Value.Entered.TrySetResult(hasPlace);
    }

    private async ValueTask<bool> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister((state, token) => Cancel((Waiter)state!, token), waiter);
        return await waiter.Entered.Task.ConfigureAwait(false);
    }

    private void Cancel(Waiter waiter, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (waiter.Node.List is null)
                return;
            _waiting.Remove(waiter.Node);
            LetInWhatFits(); // who waited behind a large message may fit
        }

        waiter.Entered.TrySetCanceled(cancellationToken);
    }

    private sealed class Waiter
    {
        public Waiter(OfflineGate gate, int bytes)
        {
            Gate = gate;
            Bytes = bytes;
            Node = new LinkedListNode<Waiter>(this);
        }

        public OfflineGate Gate { get; }

        public int Bytes { get; }

        public LinkedListNode<Waiter> Node { get; }

        public TaskCompletionSource<bool> Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>Whether the sends of one link need a place in the room, since the link is lost. Changed by the room only.</summary>
internal sealed class OfflineGate
{
    private volatile bool _isClosed;

    public bool IsClosed
    {
        get => _isClosed;
        set => _isClosed = value;
    }
}
