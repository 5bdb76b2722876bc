using System.Buffers;

namespace Messaging.Transport;

/// <summary>The bytes received and not yet consumed: one pooled array, so that a frame is one span wherever that is possible.</summary>
/// <remarks>
/// It starts small, because most of ten thousand connections are silent, and grows where the peer fills it.
/// What is left of an incomplete frame moves to the front when the room behind it gets short; the moves cost less than a parser that crosses segments (docs/adr/0004).
/// </remarks>
internal struct ReadBuffer(int maximum)
{
    private const int Smallest = 4096;

    private byte[] _array = [];
    private int _start;
    private int _examined;
    private int _end;
    private bool _filled; // the last receive left no room: the peer has more

    public readonly bool HasUnexamined => _end > _examined;

    /// <summary>Whether anything was ever received.</summary>
    public bool HasBeenFilled { get; private set; }

    public readonly ReadOnlySequence<byte> Content => new(_array, _start, _end - _start);

    /// <summary>Room for the next receive. Moves and replaces what <see cref="Content"/> gave out before.</summary>
    public Memory<byte> GetRoom()
    {
        int length = _end - _start;
        if (length == 0) _start = _end = _examined = 0;

        int wanted = _array.Length;
        if (wanted == 0) wanted = Math.Min(Smallest, maximum);
        else if (length > wanted / 2) wanted = checked(wanted * 2); // one large frame: beyond the maximum too, its limit is the engine's
        else if (_filled && wanted < maximum) wanted = Math.Min(wanted * 4, maximum);
        else if (length == 0 && wanted / 4 >= maximum) wanted = maximum; // the large frames are over

        if (wanted != _array.Length) Replace(wanted, length);
        else if (_array.Length - _end < _array.Length / 4) MoveToFront(_array, length);
        return _array.AsMemory(_end);
    }

    /// <summary>Counts what was received into the room.</summary>
    public void Commit(int count)
    {
        _end += count;
        HasBeenFilled = true;
        _filled = _end == _array.Length;
    }

    /// <summary>Gives up what is before <paramref name="consumed"/>; nothing before <paramref name="examined"/> wakes a reader again.</summary>
    public void Advance(SequencePosition consumed, SequencePosition examined)
    {
        int consumedIndex = consumed.GetInteger() & int.MaxValue; // the sign bit marks the end of an array's sequence
        int examinedIndex = examined.GetInteger() & int.MaxValue;
        if (consumedIndex < _start || consumedIndex > examinedIndex || examinedIndex > _end)
            throw new ArgumentOutOfRangeException(nameof(consumed), $"Positions {consumedIndex} and {examinedIndex} are not in the last read's range {_start} to {_end}.");

        _start = consumedIndex;
        _examined = examinedIndex;
    }

    /// <summary>Gives the array back to the pool. Not while a receive may still write into it.</summary>
    public void Return()
    {
        byte[] array = _array;
        _array = [];
        _start = _examined = _end = 0;
        if (array.Length > 0) ArrayPool<byte>.Shared.Return(array);
    }

    private void Replace(int wanted, int length)
    {
        byte[] old = _array;
        MoveToFront(ArrayPool<byte>.Shared.Rent(wanted), length);
        if (old.Length > 0) ArrayPool<byte>.Shared.Return(old);
    }

    private void MoveToFront(byte[] target, int length)
    {
        _array.AsSpan(_start, length).CopyTo(target);
        _array = target;
        _examined -= _start;
        _start = 0;
        _end = length;
    }
}
