using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Messaging.Amqp;

// T[] of a primitive as an array, AMQP 1.0 part 1, 1.6.24. The exact type is compared, since the CLR lets an int[] pass for a uint[].
// Element encodings without bytes (0x41 to 0x44) are never chosen: they are legal, but the count alone then says how much memory to take.
public sealed partial class AmqpWriter
{
    private void WriteTypedArray(Array array)
    {
        Type type = array.GetType();
        if (type == typeof(string[]))
            WriteStrings((string[])array);
        else if (type == typeof(Symbol[]))
            WriteSymbols((Symbol[])array);
        else if (type == typeof(int[]))
            WriteInts((int[])array);
        else if (type == typeof(long[]))
            WriteLongs((long[])array);
        else if (type == typeof(uint[]))
            WriteUInts((uint[])array);
        else if (type == typeof(ulong[]))
            WriteULongs((ulong[])array);
        else if (type == typeof(bool[]))
            WriteBytes<bool>(FormatCode.Boolean, (bool[])array);
        else if (type == typeof(sbyte[]))
            WriteBytes<sbyte>(FormatCode.Byte, (sbyte[])array);
        else if (type == typeof(short[]))
            Write16<short>(FormatCode.Short, (short[])array);
        else if (type == typeof(ushort[]))
            Write16<ushort>(FormatCode.UShort, (ushort[])array);
        else if (type == typeof(float[]))
            Write32<float>(FormatCode.Float, (float[])array);
        else if (type == typeof(double[]))
            Write64<double>(FormatCode.Double, (double[])array);
        else if (type == typeof(byte[][]))
            WriteBinaries(Array.ConvertAll((byte[][])array, b => NotNull(b).AsMemory()));
        else if (type == typeof(ReadOnlyMemory<byte>[]))
            WriteBinaries(Array.ConvertAll((ReadOnlyMemory<byte>[])array, MemoryMarshal.AsMemory));
        else if (type == typeof(AmqpDecimal32[]))
            Write32<AmqpDecimal32>(FormatCode.Decimal32, (AmqpDecimal32[])array);
        else if (type == typeof(AmqpDecimal64[]))
            Write64<AmqpDecimal64>(FormatCode.Decimal64, (AmqpDecimal64[])array);
        else
            WriteConvertedArray(array, type);
    }

    private void WriteConvertedArray(Array array, Type type)
    {
        if (type == typeof(AmqpTimestamp[]))
            Write64<AmqpTimestamp>(FormatCode.Timestamp, (AmqpTimestamp[])array);
        else if (type == typeof(DateTime[]))
            Write64<AmqpTimestamp>(FormatCode.Timestamp, Array.ConvertAll((DateTime[])array, AmqpTimestamp.FromDateTime));
        else if (type == typeof(DateTimeOffset[]))
            Write64<AmqpTimestamp>(FormatCode.Timestamp, Array.ConvertAll((DateTimeOffset[])array, t => (AmqpTimestamp)t));
        else if (type == typeof(char[]))
            Write32<Rune>(FormatCode.Char, Array.ConvertAll((char[])array, ToRune));
        else if (type == typeof(Rune[]))
            Write32<Rune>(FormatCode.Char, (Rune[])array);
        else if (type == typeof(AmqpDecimal128[]))
            Write128((AmqpDecimal128[])array);
        else if (type == typeof(decimal[]))
            Write128(Array.ConvertAll((decimal[])array, d => (AmqpDecimal128)d));
        else if (type == typeof(Guid[]))
            WriteUuids((Guid[])array);
        else
            throw new ArgumentException($"AMQP has no array form for {type}. Use object[] or a List for a list, AmqpArray for arrays of other elements. Supported: {Supported}.", nameof(array));
    }

    private void WriteStrings(string[] values)
    {
        long content = 0;
        int longest = 0;
        foreach (string value in values)
        {
            int length = Encoding.UTF8.GetByteCount(NotNull(value));
            content += length;
            longest = Math.Max(longest, length);
        }

        bool narrow = longest <= byte.MaxValue;
        content += (long)values.Length * (narrow ? 1 : 4);
        PutArrayHeader(narrow ? FormatCode.String8 : FormatCode.String32, values.Length, content);
        foreach (string value in values)
        {
            int room = narrow ? 1 : 4;
            int length = Encode(value, _buffer.AsSpan(_position + room));
            PutLength(length, narrow);
            _position += length;
        }
    }

    private void WriteBinaries(Memory<byte>[] values)
    {
        bool narrow = Array.TrueForAll(values, v => v.Length <= byte.MaxValue);
        long content = values.Sum(v => (long)v.Length) + ((long)values.Length * (narrow ? 1 : 4));
        PutArrayHeader(narrow ? FormatCode.Binary8 : FormatCode.Binary32, values.Length, content);
        foreach (Memory<byte> value in values)
        {
            PutLength(value.Length, narrow);
            WriteRaw(value.Span);
        }
    }

    private void WriteInts(int[] values)
    {
        if (!Array.TrueForAll(values, v => v == (sbyte)v))
            Write32<int>(FormatCode.Int, values);
        else
            WriteBytes<byte>(FormatCode.SmallInt, Array.ConvertAll(values, v => (byte)v));
    }

    private void WriteLongs(long[] values)
    {
        if (!Array.TrueForAll(values, v => v == (sbyte)v))
            Write64<long>(FormatCode.Long, values);
        else
            WriteBytes<byte>(FormatCode.SmallLong, Array.ConvertAll(values, v => (byte)v));
    }

    private void WriteUInts(uint[] values)
    {
        if (!Array.TrueForAll(values, v => v <= byte.MaxValue))
            Write32<uint>(FormatCode.UInt, values);
        else
            WriteBytes<byte>(FormatCode.SmallUInt, Array.ConvertAll(values, v => (byte)v));
    }

    private void WriteULongs(ulong[] values)
    {
        if (!Array.TrueForAll(values, v => v <= byte.MaxValue))
            Write64<ulong>(FormatCode.ULong, values);
        else
            WriteBytes<byte>(FormatCode.SmallULong, Array.ConvertAll(values, v => (byte)v));
    }

    private void WriteUuids(Guid[] values)
    {
        PutArrayHeader(FormatCode.Uuid, values.Length, values.Length * 16L);
        foreach (Guid value in values)
            value.TryWriteBytes(Reserve(16), bigEndian: true, out _);
    }

    private void WriteBytes<T>(byte code, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        PutArrayHeader(code, values.Length, values.Length);
        WriteRaw(MemoryMarshal.AsBytes(values));
    }

    private void Write16<T>(byte code, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        PutArrayHeader(code, values.Length, values.Length * 2L);
        NetworkOrder.Copy16(MemoryMarshal.AsBytes(values), Reserve(values.Length * 2));
    }

    private void Write32<T>(byte code, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        PutArrayHeader(code, values.Length, values.Length * 4L);
        NetworkOrder.Copy32(MemoryMarshal.AsBytes(values), Reserve(values.Length * 4));
    }

    private void Write64<T>(byte code, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        PutArrayHeader(code, values.Length, values.Length * 8L);
        NetworkOrder.Copy64(MemoryMarshal.AsBytes(values), Reserve(values.Length * 8));
    }

    private void Write128(AmqpDecimal128[] values)
    {
        PutArrayHeader(FormatCode.Decimal128, values.Length, values.Length * 16L);
        foreach (AmqpDecimal128 value in values)
            BinaryPrimitives.WriteUInt128BigEndian(Reserve(16), value.Bits);
    }

    private static T NotNull<T>(T? item)
        where T : class => item ?? throw new ArgumentException("An element of an array must not be null; use a list for optional items.", nameof(item));
}
