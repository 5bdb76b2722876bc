using System.Diagnostics.CodeAnalysis;

namespace Messaging.Amqp;

// Elements of an AmqpArray: each without its format code, all in the encoding that the array's constructor names (part 1, 1.6.24).
public sealed partial class AmqpWriter
{
    private void WriteElements(AmqpArray array, int depth)
    {
        byte code = array.ElementFormatCode;
        if (code is >= FormatCode.Null and <= FormatCode.List0 && array.Count > MaxZeroWidth(code, array))
            throw new ArgumentException($"An array of elements without bytes (0x{code:x2}) may have at most {MaxZeroWidth(code, array)} of them; choose another element encoding.", nameof(array));

        CompoundScope scope = Begin(FormatCode.Array8);
        foreach (object descriptor in array.Descriptors)
        {
            PutByte(FormatCode.Described);
            WriteItem(descriptor, depth);
        }

        PutByte(code);
        for (int i = 0; i < array.Count; i++)
            WriteElement(code, array[i], depth);
        SettleHeader(scope.Start, array.Count);
    }

    private static uint MaxZeroWidth(byte code, AmqpArray array) => AmqpLimits.MaxZeroWidthMemory / AmqpLimits.ZeroWidthMemory(code, array.Descriptors.Count > 0);

    // The types with several fixed widths write exactly the one asked for; all others are written as values and stripped of their code.
    private void WriteElement(byte code, object? item, int depth)
    {
        switch (code, item)
        {
            case (FormatCode.Boolean, bool value): PutByte(value ? (byte)1 : (byte)0); break;
            case (FormatCode.SmallUInt, <= 255u): PutByte((byte)(uint)item); break;
            case (FormatCode.SmallULong, <= 255ul): PutByte((byte)(ulong)item); break;
            case (FormatCode.SmallInt, >= -128 and <= 127): PutByte((byte)(int)item); break;
            case (FormatCode.SmallLong, >= -128L and <= 127L): PutByte((byte)(long)item); break;
            case (FormatCode.UInt, uint value): Put32(code, value); Strip(_position - 5, 1); break;
            case (FormatCode.ULong, ulong value): Put64(code, value); Strip(_position - 9, 1); break;
            case (FormatCode.Int, int value): Put32(code, (uint)value); Strip(_position - 5, 1); break;
            case (FormatCode.Long, long value): Put64(code, (ulong)value); Strip(_position - 9, 1); break;
            default: WriteStripped(code, item, depth); break;
        }
    }

    private void WriteStripped(byte code, object? item, int depth)
    {
        int start = _position;
        WriteItem(item, depth);
        byte written = _buffer[start];
        if (written == code && code < FormatCode.Binary8)
            Strip(start, 1);
        else if (written >= FormatCode.Binary8 && (written & ~Widening) == (code & ~Widening))
            Rehead(start, wide: (code & Widening) != 0, code, item);
        else if (written == FormatCode.List0 && (code & ~Widening) == FormatCode.List8)
            PutEmptyList(start, wide: (code & Widening) != 0);
        else
            ThrowMismatch(code, item);
    }

    // A variable-width, compound or array value stands at start with its code: drop the code and give size (and count) the width asked for.
    private void Rehead(int start, bool wide, byte code, object? item)
    {
        bool isWide = (_buffer[start] & Widening) != 0;
        if (isWide == wide)
        {
            Strip(start, 1);
            return;
        }

        if (isWide)
            ThrowMismatch(code, item);

        int fields = code >= FormatCode.List8 ? 2 : 1;
        uint size = _buffer[start + 1];
        uint count = fields == 2 ? _buffer[start + 2] : 0u;
        int content = _position - start - 1 - fields;
        Reserve((fields * 4) - 1 - fields);
        _buffer.AsSpan(start + 1 + fields, content).CopyTo(_buffer.AsSpan(start + (fields * 4)));
        PatchUInt32(start, fields == 1 ? size : size + 3);
        if (fields == 2)
            PatchUInt32(start + 4, count);
    }

    private void PutEmptyList(int start, bool wide)
    {
        _position = start;
        Span<byte> room = Reserve(wide ? 8 : 2);
        room.Clear();
        room[wide ? 3 : 0] = (byte)(wide ? 4 : 1);
    }

    private void Strip(int start, int count)
    {
        _buffer.AsSpan(start + count, _position - start - count).CopyTo(_buffer.AsSpan(start));
        _position -= count;
    }

    [DoesNotReturn]
    private static void ThrowMismatch(byte code, object? item) =>
        throw new ArgumentException($"An element of type {item?.GetType().ToString() ?? "null"} does not fit the array's element encoding 0x{code:x2}.", nameof(item));
}
