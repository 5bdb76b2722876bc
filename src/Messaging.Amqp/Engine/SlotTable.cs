namespace Messaging.Amqp.Engine;

/// <summary>Channels or handles of one direction: small numbers, the lowest free one first (AMQP 1.0 part 2, 2.5.1 and 2.7.3). Grows with the highest number in use; callers bound that.</summary>
internal sealed class SlotTable<T>
    where T : class
{
    private T?[] _slots = new T?[4];
    private uint _firstFree; // nothing below is free

    public T? this[uint index] => index < (uint)_slots.Length ? _slots[index] : null;

    /// <summary>Every slot, empty ones too.</summary>
    public ReadOnlySpan<T?> Slots => _slots;

    public void Set(uint index, T value)
    {
        if (index >= (uint)_slots.Length)
        {
            Array.Resize(ref _slots, (int)System.Numerics.BitOperations.RoundUpToPowerOf2(index + 1));
        }

        _slots[index] = value;
    }

    public void Clear(uint index)
    {
        _slots[index] = null;
        _firstFree = Math.Min(_firstFree, index);
    }

    /// <summary>Takes the lowest free number; <see langword="false"/> when all up to <paramref name="max"/> are in use.</summary>
    public bool TryAllocate(uint max, T value, out uint index)
    {
        index = _firstFree;
        while (this[index] is not null)
        {
            index++;
        }

        if (index > max)
        {
            return false;
        }

        Set(index, value);
        _firstFree = index + 1;
        return true;
    }
}
