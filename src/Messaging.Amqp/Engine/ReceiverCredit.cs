namespace Messaging.Amqp.Engine;

/// <summary>
/// Link credit and delivery-count at the receiving end (AMQP 1.0 part 2, 2.6.7). When credit is lowered, deliveries under way may still arrive: the
/// highest limit ever granted is what is enforced.
/// </summary>
internal struct ReceiverCredit
{
    private uint _limit;
    private uint _enforced;

    /// <summary>Deliveries that the sender has started or given up, as far as we know.</summary>
    public uint DeliveryCount { get; private set; }

    /// <summary>Whether the sender's attach has told where the delivery-count starts.</summary>
    public bool IsKnown { get; private set; }

    /// <summary>How many deliveries the sender may still start.</summary>
    public readonly uint Outstanding => (uint)Math.Max(SerialNumber.Distance(DeliveryCount, _limit), 0);

    /// <summary>The sender's attach: the count starts here; credit granted before it counts from here.</summary>
    public void Initialize(uint initialDeliveryCount)
    {
        uint granted = _limit;
        DeliveryCount = initialDeliveryCount;
        _limit = _enforced = unchecked(initialDeliveryCount + granted);
        IsKnown = true;
    }

    /// <summary>Grants <paramref name="credit"/> deliveries from here on; at most 2^31-1, the farthest that serial numbers can compare.</summary>
    public uint Grant(uint credit)
    {
        credit = Math.Min(credit, int.MaxValue);
        _limit = unchecked(DeliveryCount + credit);
        if (SerialNumber.Distance(_enforced, _limit) > 0 || !IsKnown)
        {
            _enforced = _limit;
        }

        return credit;
    }

    /// <summary>Counts a delivery that starts; <see langword="false"/> when the sender had no credit for it.</summary>
    public bool TryTake()
    {
        if (DeliveryCount == _enforced || !IsKnown)
        {
            return false;
        }

        DeliveryCount = unchecked(DeliveryCount + 1);
        return true;
    }

    /// <summary>The sender's own delivery-count, from its flow: it may give credit back, never take what was not granted.</summary>
    public void Advance(uint senderDeliveryCount)
    {
        if (SerialNumber.Distance(DeliveryCount, senderDeliveryCount) <= 0)
        {
            return;
        }

        DeliveryCount = SerialNumber.Distance(senderDeliveryCount, _enforced) < 0 ? _enforced : senderDeliveryCount;
    }

    /// <summary>The sender says that it has no credit left: nothing is outstanding. What it may still send stays as it was: its word may be older than our last grant.</summary>
    public void Clear() => _limit = DeliveryCount;
}
