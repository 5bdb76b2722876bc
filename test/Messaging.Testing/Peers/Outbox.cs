namespace Messaging.Testing.Peers;

/// <summary>The messages that a scripted server has for its receivers: unsettled ones come back, with a raised delivery-count, when their connection dies.</summary>
internal sealed class Outbox
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(Message Message, uint Deliveries)> _waiting = [];

    public void Add(Message message)
    {
        lock (_lock)
            _waiting.AddLast((message, 0));
    }

    public bool TryTake(out (Message Message, uint Deliveries) taken)
    {
        lock (_lock)
        {
            taken = _waiting.First?.Value ?? default;
            if (_waiting.Count == 0)
                return false;
            _waiting.RemoveFirst();
            return true;
        }
    }

    public void GiveBack(IEnumerable<(Message Message, uint Deliveries)> unsettled)
    {
        lock (_lock)
        {
            foreach ((Message message, uint deliveries) in unsettled.Reverse())
                _waiting.AddFirst((message, deliveries + 1));
        }
    }
}
