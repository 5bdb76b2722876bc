namespace Messaging.Amqp.Engine;

/// <summary>
/// Channels or handles of one direction (AMQP 1.0 part 2, 2.5.1 and 2.7.3): small numbers, but one that was just given back is not the next to be taken.
/// RabbitMQ 4 for one drops the begin of a session that follows at once on the channel of another that has ended. Grows with the highest number in use;
/// callers bound that.
/// </summary>
internal sealed class SlotTable<T>
    where T : class
{
    private const uint LeastSpan = 8;
    private const uint LeastSlots = 4;

    private T?[] _slots = [];
    private uint _count;
    private uint _next;

    public T? this[uint index] => index < (uint)_slots.Length ? _slots[index] : null;

    /// <summary>Every slot, empty ones too.</summary>
    public ReadOnlySpan<T?> Slots => _slots;

    public void Set(uint index, T value)
    {
        if (index >= (uint)_slots.Length)
        {
            Array.Resize(ref _slots, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(Math.Max(index + 1, LeastSlots)));
        }

        _count += _slots[index] is null ? 1u : 0u;
        _slots[index] = value;
    }

    public void ClearAll()
    {
        _slots = [];
        _count = 0;
    }

    public void Clear(uint index)
    {
        if (this[index] is null)
        {
            return;
        }

        _slots[index] = null;
        _count--;
    }

    /// <summary>Takes the next free number of a span twice as wide as what is in use; <see langword="false"/> when all up to <paramref name="max"/> are in use.</summary>
    public bool TryAllocate(uint max, T value, out uint index)
    {
        uint last = Math.Min(max, Math.Max(LeastSpan, 2 * _count) - 1);
        for (uint tried = 0; tried <= last; tried++)
        {
            index = _next <= last ? _next : 0;
            _next = index + 1;
            if (this[index] is null)
            {
                Set(index, value);
                return true;
            }
        }

        index = 0;
        return false;
    }
}
