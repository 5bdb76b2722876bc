using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Messaging.Amqp;

/// <summary>Reads AMQP 1.0 values (part 1, 1.6) from a span, in every legal encoding, trusting no length and no count.</summary>
/// <remarks>
/// Each method reads one whole value with its constructor and moves behind it. Bytes that do not parse, or are of another type than
/// asked for (null included, see <see cref="TryReadNull"/>), throw <see cref="AmqpCodecException"/> with amqp:decode-error and never
/// another exception; the position is then unspecified. A copy of the reader reads ahead without moving the original.
/// </remarks>
public ref partial struct AmqpReader
{
    private readonly ReadOnlySpan<byte> _data;
    private readonly int _maxDepth;
    private int _position;
    private int _zeroWidthMemory;

    /// <summary>Starts at the first byte.</summary>
    /// <param name="data">The bytes; they must not change while the reader is used.</param>
    /// <param name="maxDepth">How many lists, maps, arrays and described values may stand inside each other; deeper is refused, since recursion that the peer controls could end the process.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDepth"/> is not within 0 to 512.</exception>
    public AmqpReader(ReadOnlySpan<byte> data, int maxDepth = AmqpLimits.MaxDepth)
    {
        if ((uint)maxDepth > AmqpLimits.MaxReaderDepth)
            ThrowDepthRange(maxDepth);
        _data = data;
        _maxDepth = maxDepth;
    }

    /// <summary>The index of the next byte. Set it to read from elsewhere, for example from the end of a list.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The new value is negative or beyond the data.</exception>
    public int Position
    {
        readonly get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)value, (uint)_data.Length, nameof(value));
            _position = value;
        }
    }

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => _data.Length - _position;

    /// <summary>Whether all bytes have been read.</summary>
    public readonly bool End => _position == _data.Length;

    /// <summary>The next format code, without moving; <see cref="FormatCode.Described"/> when a descriptor comes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly byte PeekFormatCode()
    {
        ReadOnlySpan<byte> data = _data;
        int position = _position;
        if ((uint)position >= (uint)data.Length)
            ThrowTruncated();
        return data[position];
    }

    /// <summary>Moves behind a null, if that is what comes next.</summary>
    /// <returns>False when another value comes; nothing was read then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadNull()
    {
        if (PeekFormatCode() != FormatCode.Null)
            return false;
        _position++;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Next()
    {
        ReadOnlySpan<byte> data = _data;
        int position = _position;
        if ((uint)position >= (uint)data.Length)
            ThrowTruncated();
        _position = position + 1;
        return data[position];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int count)
    {
        int position = _position;
        if ((uint)count > (uint)(_data.Length - position))
            ThrowTruncated();
        _position = position + count;
        return _data.Slice(position, count);
    }

    private uint Take32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));

    /// <summary>A 1- or 4-byte size, never beyond the data and so never beyond an int.</summary>
    private int TakeSize(bool wide)
    {
        uint size = wide ? Take32() : Next();
        if (size > (uint)Remaining)
            ThrowSize(size, Remaining);
        return (int)size;
    }

    [DoesNotReturn]
    private static void ThrowTruncated() => AmqpCodecException.ThrowDecodeError("The data ends in the middle of a value.");

    [DoesNotReturn]
    private static void ThrowSize(uint size, int remaining) =>
        AmqpCodecException.ThrowDecodeError($"A size of {size} bytes is announced where {remaining} remain.");

    [DoesNotReturn]
    private static void ThrowCount(uint count, int remaining) =>
        AmqpCodecException.ThrowDecodeError($"{count} items are announced where {remaining} bytes remain.");

    [DoesNotReturn]
    private static void ThrowUnexpected(byte code, string expected) =>
        AmqpCodecException.ThrowDecodeError($"Expected {expected}, found format code 0x{code:x2}.");

    [DoesNotReturn]
    private static void ThrowDepthRange(int maxDepth) =>
        throw new ArgumentOutOfRangeException(nameof(maxDepth), maxDepth, $"The depth must be within 0 to {AmqpLimits.MaxReaderDepth}.");

    [DoesNotReturn]
    private readonly void ThrowTooDeep() => AmqpCodecException.ThrowDecodeError($"More than {_maxDepth} values stand inside each other.");
}
