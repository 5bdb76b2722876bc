using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Messaging.Amqp;

// The fixed-width primitives, AMQP 1.0 part 1, 1.6.1 to 1.6.18. Each takes its capacity once and then writes without further growth.
public sealed partial class AmqpWriter
{
    /// <summary>Writes null (1.6.1).</summary>
    public void WriteNull() => PutByte(FormatCode.Null);

    /// <summary>Writes a boolean (1.6.2).</summary>
    /// <param name="value">The value.</param>
    public void WriteBoolean(bool value) => PutByte(value ? FormatCode.BooleanTrue : FormatCode.BooleanFalse);

    /// <summary>Writes an unsigned byte, AMQP's ubyte (1.6.3).</summary>
    /// <param name="value">The value.</param>
    public void WriteUByte(byte value) => Put8(FormatCode.UByte, value);

    /// <summary>Writes a signed byte, AMQP's byte (1.6.7).</summary>
    /// <param name="value">The value.</param>
    public void WriteByte(sbyte value) => Put8(FormatCode.Byte, (byte)value);

    /// <summary>Writes a ushort (1.6.4).</summary>
    /// <param name="value">The value.</param>
    public void WriteUShort(ushort value) => Put16(FormatCode.UShort, value);

    /// <summary>Writes a short (1.6.8).</summary>
    /// <param name="value">The value.</param>
    public void WriteShort(short value) => Put16(FormatCode.Short, (ushort)value);

    /// <summary>Writes a uint (1.6.5) as 1, 2 or 5 bytes.</summary>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUInt(uint value)
    {
        if (value > byte.MaxValue)
            Put32(FormatCode.UInt, value);
        else if (value == 0)
            PutByte(FormatCode.UInt0);
        else
            Put8(FormatCode.SmallUInt, (byte)value);
    }

    /// <summary>Writes an int (1.6.9) as 2 or 5 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteInt(int value)
    {
        if (value == (sbyte)value)
            Put8(FormatCode.SmallInt, (byte)value);
        else
            Put32(FormatCode.Int, (uint)value);
    }

    /// <summary>Writes a ulong (1.6.6) as 1, 2 or 9 bytes.</summary>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteULong(ulong value)
    {
        if (value > byte.MaxValue)
            Put64(FormatCode.ULong, value);
        else if (value == 0)
            PutByte(FormatCode.ULong0);
        else
            Put8(FormatCode.SmallULong, (byte)value);
    }

    /// <summary>Writes a long (1.6.10) as 2 or 9 bytes.</summary>
    /// <param name="value">The value.</param>
    public void WriteLong(long value)
    {
        if (value == (sbyte)value)
            Put8(FormatCode.SmallLong, (byte)value);
        else
            Put64(FormatCode.Long, (ulong)value);
    }

    /// <summary>Writes a float (1.6.11); the bits of a NaN are kept.</summary>
    /// <param name="value">The value.</param>
    public void WriteFloat(float value) => Put32(FormatCode.Float, BitConverter.SingleToUInt32Bits(value));

    /// <summary>Writes a double (1.6.12); the bits of a NaN are kept.</summary>
    /// <param name="value">The value.</param>
    public void WriteDouble(double value) => Put64(FormatCode.Double, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes a decimal32 (1.6.13).</summary>
    /// <param name="value">The value.</param>
    public void WriteDecimal32(AmqpDecimal32 value) => Put32(FormatCode.Decimal32, value.Bits);

    /// <summary>Writes a decimal64 (1.6.14).</summary>
    /// <param name="value">The value.</param>
    public void WriteDecimal64(AmqpDecimal64 value) => Put64(FormatCode.Decimal64, value.Bits);

    /// <summary>Writes a decimal128 (1.6.15).</summary>
    /// <param name="value">The value.</param>
    public void WriteDecimal128(AmqpDecimal128 value)
    {
        Span<byte> room = Reserve(17);
        room[0] = FormatCode.Decimal128;
        BinaryPrimitives.WriteUInt128BigEndian(room[1..], value.Bits);
    }

    /// <summary>Writes a char (1.6.16). A <see cref="Rune"/> is never a lone surrogate.</summary>
    /// <param name="value">The value.</param>
    public void WriteChar(Rune value) => Put32(FormatCode.Char, (uint)value.Value);

    /// <summary>Writes a timestamp (1.6.17).</summary>
    /// <param name="value">The value.</param>
    public void WriteTimestamp(AmqpTimestamp value) => Put64(FormatCode.Timestamp, (ulong)value.Milliseconds);

    /// <summary>Writes a timestamp (1.6.17), to the millisecond before.</summary>
    /// <param name="value">The moment; its offset is not kept.</param>
    public void WriteTimestamp(DateTimeOffset value) => WriteTimestamp((AmqpTimestamp)value);

    /// <summary>Writes a uuid (1.6.18) in network byte order, so that its bytes read like its text.</summary>
    /// <param name="value">The value.</param>
    public void WriteUuid(Guid value)
    {
        Span<byte> room = Reserve(17);
        room[0] = FormatCode.Uuid;
        value.TryWriteBytes(room[1..], bigEndian: true, out _);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PutByte(byte code)
    {
        Ensure(1);
        _buffer[_position++] = code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put8(byte code, byte value)
    {
        Span<byte> room = Reserve(2);
        room[1] = value;
        room[0] = code;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put16(byte code, ushort value)
    {
        Span<byte> room = Reserve(3);
        room[0] = code;
        BinaryPrimitives.WriteUInt16BigEndian(room[1..], value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put32(byte code, uint value)
    {
        Span<byte> room = Reserve(5);
        room[0] = code;
        BinaryPrimitives.WriteUInt32BigEndian(room[1..], value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put64(byte code, ulong value)
    {
        Span<byte> room = Reserve(9);
        room[0] = code;
        BinaryPrimitives.WriteUInt64BigEndian(room[1..], value);
    }
}
