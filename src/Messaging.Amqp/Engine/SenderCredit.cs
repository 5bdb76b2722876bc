namespace Messaging.Amqp.Engine;

/// <summary>Link credit and delivery-count at the sending end (AMQP 1.0 part 2, 2.6.7).</summary>
internal struct SenderCredit(uint initialDeliveryCount)
{
    private readonly uint _initial = initialDeliveryCount;

    /// <summary>Deliveries started on this link, from an arbitrary start.</summary>
    public uint DeliveryCount { get; private set; } = initialDeliveryCount;

    /// <summary>How many deliveries may still be started.</summary>
    public uint Available { get; private set; }

    /// <summary>
    /// link-credit(snd) := delivery-count(rcv) + link-credit(rcv) - delivery-count(snd). In terms of what is still under way, so that a credit of
    /// 2^32-1 does not overflow; a receiver that claims to be ahead of us is taken to be level.
    /// </summary>
    public void OnFlow(uint? receiverDeliveryCount, uint linkCredit)
    {
        uint underWay = unchecked(DeliveryCount - (receiverDeliveryCount ?? _initial));
        if (underWay > int.MaxValue)
        {
            underWay = 0;
        }

        Available = linkCredit > underWay ? linkCredit - underWay : 0;
    }

    /// <summary>One delivery starts. The caller has checked <see cref="Available"/>.</summary>
    public void Take()
    {
        DeliveryCount = unchecked(DeliveryCount + 1);
        Available--;
    }

    /// <summary>Gives all credit back by advancing the delivery-count to the limit, as a drain demands.</summary>
    public void Drain()
    {
        DeliveryCount = unchecked(DeliveryCount + Available);
        Available = 0;
    }
}
