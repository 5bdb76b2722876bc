using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>What consumers want settled: they add, the loop takes all at once and the engine merges neighbours into ranges.</summary>
internal sealed class SettlementQueue
{
    private readonly Lock _lock = new();
    private List<Settlement> _adding = [];
    private List<Settlement> _taken = [];

    public void Add(Settlement settlement)
    {
        lock (_lock)
            _adding.Add(settlement);
    }

    /// <summary>Everything added since the last call; valid until the next one. Only the loop calls it.</summary>
    public List<Settlement> TakeAll()
    {
        _taken.Clear();
        lock (_lock)
            (_adding, _taken) = (_taken, _adding);
        return _taken;
    }
}

/// <summary>One settlement: the delivery and the state for its disposition.</summary>
internal readonly record struct Settlement(DeliveryKey Key, DeliveryState State, bool Settled);

/// <summary>A delivery's id on its session, and which attach of the link brought it: ids of a lost session mean nothing on the next.</summary>
internal readonly record struct DeliveryKey(uint Id, int Attachment);
