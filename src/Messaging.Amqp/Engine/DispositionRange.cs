namespace Messaging.Amqp.Engine;

/// <summary>
/// Updates of neighbouring deliveries to the same state, waiting to be written as one disposition (AMQP 1.0 part 2, 2.7.6). Grows at either end; every
/// id in it was updated, so the range never touches a delivery that the owner did not mean.
/// </summary>
internal struct DispositionRange
{
    public bool IsPending { get; private set; }

    public uint First { get; private set; }

    public uint Last { get; private set; }

    public bool Settled { get; private set; }

    public DeliveryState? State { get; private set; }

    /// <summary>Whether the update could join the range (or start one); otherwise the caller writes the range out first.</summary>
    public bool TryAdd(uint id, DeliveryState? state, bool settled)
    {
        if (!IsPending)
        {
            (IsPending, First, Last, State, Settled) = (true, id, id, state, settled);
            return true;
        }

        if (Settled != settled || !SameState(State, state))
        {
            return false;
        }

        if (id == unchecked(Last + 1))
        {
            Last = id;
            return true;
        }

        if (id == unchecked(First - 1))
        {
            First = id;
            return true;
        }

        return false;
    }

    public void Clear() => this = default;

    private static bool SameState(DeliveryState? left, DeliveryState? right) =>
        ReferenceEquals(left, right) || (left is not null && left.Equals(right));
}
