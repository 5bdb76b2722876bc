using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Messaging.Amqp;

// Arrays, AMQP 1.0 part 1, 1.6.24: size, count, one constructor, then the elements without codes.
public ref partial struct AmqpReader
{
    private object GetArray(bool wide, int depth)
    {
        Enter(depth);
        int size = TakeSize(wide);
        int end = _position + size;
        uint count = wide ? Take32() : Next();
        object[] descriptors = GetElementDescriptors(depth + 1, out byte code);
        int content = end - _position;
        if (content < 0)
            ThrowBadEnd();
        int elements = CheckCount(code, count, content, isDescribed: descriptors.Length > 0);
        object array = descriptors.Length == 0 ? GetPlainArray(code, elements, depth + 1) : GetElements(code, elements, descriptors, depth + 1);
        CheckEnd(end);
        return array;
    }

    // constructor = format-code / %x00 descriptor constructor (1.3): descriptors may be stacked.
    private object[] GetElementDescriptors(int depth, out byte code)
    {
        code = Next();
        if (code != FormatCode.Described)
            return [];

        var descriptors = new List<object>(1);
        while (code == FormatCode.Described)
        {
            object? descriptor = GetValue(depth);
            if (descriptor is null)
                ThrowNullDescriptor();
            descriptors.Add(descriptor);
            code = Next();
        }

        return [.. descriptors];
    }

    // Before anything is allocated: the elements must fit the bytes of the array, and those without bytes a fixed budget of memory.
    private int CheckCount(byte code, uint count, int content, bool isDescribed)
    {
        if (!FormatCode.IsPrimitive(code))
            ThrowUnexpected(code, "a value");
        int width = (code >> 4) switch { 0x4 => 0, 0x6 => 2, 0x7 => 4, 0x8 => 8, 0x9 => 16, 0xb => 4, 0xc => 2, 0xd => 8, 0xe => 3, 0xf => 9, _ => 1 };
        if (width != 0)
        {
            if ((ulong)count * (uint)width > (uint)content)
                ThrowCount(count, content);
            return (int)count;
        }

        ulong memory = (ulong)count * AmqpLimits.ZeroWidthMemory(code, isDescribed);
        if (memory > (ulong)(AmqpLimits.MaxZeroWidthMemory - _zeroWidthMemory))
            ThrowTooManyZeroWidth(count);
        _zeroWidthMemory += (int)memory;
        return (int)count;
    }

    private object GetPlainArray(byte code, int count, int depth)
    {
        switch (code)
        {
            case FormatCode.Boolean or FormatCode.BooleanTrue or FormatCode.BooleanFalse: return GetBooleans(code, count);
            case FormatCode.UByte: return AmqpArray.OfUBytes(Take(count));
            case FormatCode.Byte: return MemoryMarshal.Cast<byte, sbyte>(Take(count)).ToArray();
            case FormatCode.UShort: return Get16<ushort>(count);
            case FormatCode.Short: return Get16<short>(count);
            case FormatCode.UInt: return Get32<uint>(count);
            case FormatCode.Int: return Get32<int>(count);
            case FormatCode.Float: return Get32<float>(count);
            case FormatCode.Decimal32: return Get32<AmqpDecimal32>(count);
            case FormatCode.ULong: return Get64<ulong>(count);
            case FormatCode.Long: return Get64<long>(count);
            case FormatCode.Double: return Get64<double>(count);
            case FormatCode.Decimal64: return Get64<AmqpDecimal64>(count);
            case FormatCode.Timestamp: return GetTimestamps(count);
            case FormatCode.Char: return GetChars(count);
            case FormatCode.String8 or FormatCode.String32: return GetStrings(count, code == FormatCode.String32);
            case FormatCode.Symbol8 or FormatCode.Symbol32: return GetSymbols(count, code == FormatCode.Symbol32);
            case FormatCode.Binary8 or FormatCode.Binary32: return GetBinaries(count, code == FormatCode.Binary32);
            default: return GetRarePlainArray(code, count, depth);
        }
    }

    private object GetRarePlainArray(byte code, int count, int depth)
    {
        switch (code)
        {
            case FormatCode.UInt0 or FormatCode.SmallUInt: return Fill(new uint[count], code, static (ref r, c) => r.GetUInt(c));
            case FormatCode.ULong0 or FormatCode.SmallULong: return Fill(new ulong[count], code, static (ref r, c) => r.GetULong(c));
            case FormatCode.SmallInt: return Fill(new int[count], code, static (ref r, c) => r.GetInt(c));
            case FormatCode.SmallLong: return Fill(new long[count], code, static (ref r, c) => r.GetLong(c));
            case FormatCode.Uuid: return Fill(new Guid[count], code, static (ref r, _) => new Guid(r.Take(16), bigEndian: true));
            case FormatCode.Decimal128:
                return Fill(new AmqpDecimal128[count], code, static (ref r, _) => new AmqpDecimal128(BinaryPrimitives.ReadUInt128BigEndian(r.Take(16))));
            default: return GetElements(code, count, [], depth);
        }
    }
}
