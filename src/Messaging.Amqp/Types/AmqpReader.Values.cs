using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Messaging.Amqp;

// Values whose type the peer chooses.
public ref partial struct AmqpReader
{
    /// <summary>Reads a value of any type.</summary>
    /// <returns>
    /// The CLR value: byte for ubyte, sbyte for byte, <see cref="DateTime"/> (UTC) for timestamp or <see cref="AmqpTimestamp"/> outside its range, char or beyond U+FFFF <see cref="Rune"/>,
    /// <c>byte[]</c> for binary, <see cref="List{T}"/> of object, <see cref="OrderedDictionary{TKey, TValue}"/> of object, <c>T[]</c> or <see cref="AmqpArray"/>, <see cref="Described"/>; null for null.
    /// </returns>
    /// <exception cref="AmqpCodecException">Also for values nested too deep, a null key or two equal keys in a map, a null descriptor, and array elements without bytes that take more than 64 KiB of memory.</exception>
    public object? ReadValue() => GetValue(0);

    /// <summary>Reads a list (1.6.22).</summary>
    public List<object?> ReadList()
    {
        int count = ReadListHeader(out int end);
        return GetItems(count, end, 0);
    }

    /// <summary>Reads a map (1.6.23) with keys of any type, in the order of the wire.</summary>
    /// <remarks>Null keys are refused. Keys are equal when type and value are; <c>byte[]</c> and other containers by content.</remarks>
    public OrderedDictionary<object, object?> ReadMap()
    {
        int count = ReadMapHeader(out int end);
        return GetPairs(count, end, 0);
    }

    /// <summary>Reads a map whose keys are symbols, the standard's "fields" (part 2, 2.8.13), in the order of the wire.</summary>
    public OrderedDictionary<Symbol, object?> ReadFields()
    {
        int count = ReadMapHeader(out int end);
        if (_maxDepth == 0)
            ThrowTooDeep();
        var fields = new OrderedDictionary<Symbol, object?>(Math.Min(count / 2, AmqpLimits.TrustedCount));
        for (int i = 0; i < count; i += 2)
        {
            Symbol key = ReadSymbol();
            if (!fields.TryAdd(key, GetValue(1)))
                ThrowDuplicateKey();
        }

        CheckEnd(end);
        return fields;
    }

    private object? GetValue(int depth) => GetValue(Next(), depth);

    // What stands behind a format code; also reads the elements of arrays, which have one code for all.
    private object? GetValue(byte code, int depth)
    {
        switch (code)
        {
            case FormatCode.Null: return null;
            case FormatCode.Described: return GetDescribed(depth);
            case FormatCode.BooleanTrue or FormatCode.BooleanFalse or FormatCode.Boolean: return GetBoolean(code);
            case FormatCode.UInt0 or FormatCode.SmallUInt or FormatCode.UInt: return GetUInt(code);
            case FormatCode.ULong0 or FormatCode.SmallULong or FormatCode.ULong: return GetULong(code);
            case FormatCode.SmallInt or FormatCode.Int: return GetInt(code);
            case FormatCode.SmallLong or FormatCode.Long: return GetLong(code);
            case FormatCode.Binary8 or FormatCode.Binary32: return GetVariable(code == FormatCode.Binary32).ToArray();
            case FormatCode.String8 or FormatCode.String32: return GetString(code == FormatCode.String32);
            case FormatCode.Symbol8 or FormatCode.Symbol32: return GetSymbol(code == FormatCode.Symbol32);
            case FormatCode.Array8 or FormatCode.Array32: return GetArray(code == FormatCode.Array32, depth);
            case FormatCode.List0: return GetItems(0, _position, depth);
            case FormatCode.List8 or FormatCode.List32:
                int count = GetCompoundHeader(code == FormatCode.List32, out int end);
                return GetItems(count, end, depth);
            case FormatCode.Map8 or FormatCode.Map32:
                count = GetMapHeader(code == FormatCode.Map32, out end);
                return GetPairs(count, end, depth);
            default: return GetFixed(code);
        }
    }

    // The fixed-width types that have one encoding only.
    private object GetFixed(byte code)
    {
        switch (code)
        {
            case FormatCode.UByte: return Next();
            case FormatCode.Byte: return (sbyte)Next();
            case FormatCode.UShort: return BinaryPrimitives.ReadUInt16BigEndian(Take(2));
            case FormatCode.Short: return BinaryPrimitives.ReadInt16BigEndian(Take(2));
            case FormatCode.Float: return BitConverter.UInt32BitsToSingle(Take32());
            case FormatCode.Double: return BitConverter.UInt64BitsToDouble(Take64());
            case FormatCode.Decimal32: return new AmqpDecimal32(Take32());
            case FormatCode.Decimal64: return new AmqpDecimal64(Take64());
            case FormatCode.Decimal128: return new AmqpDecimal128(BinaryPrimitives.ReadUInt128BigEndian(Take(16)));
            case FormatCode.Uuid: return new Guid(Take(16), bigEndian: true);
            case FormatCode.Char:
                Rune rune = GetChar();
                return rune.IsBmp ? (char)rune.Value : rune;
            case FormatCode.Timestamp:
                AmqpTimestamp time = new((long)Take64());
                return time.IsDateTime ? time.ToDateTime() : time;
            default:
                ThrowUnexpected(code, "a value");
                return 0;
        }
    }

    private Described GetDescribed(int depth)
    {
        Enter(depth);
        object? descriptor = GetValue(depth + 1);
        if (descriptor is null)
            ThrowNullDescriptor();
        return new Described(descriptor, GetValue(depth + 1));
    }

    private List<object?> GetItems(int count, int end, int depth)
    {
        Enter(depth);
        var items = new List<object?>(Math.Min(count, AmqpLimits.TrustedCount));
        for (int i = 0; i < count; i++)
            items.Add(GetValue(depth + 1));
        CheckEnd(end);
        return items;
    }

    private OrderedDictionary<object, object?> GetPairs(int count, int end, int depth)
    {
        Enter(depth);
        var pairs = new OrderedDictionary<object, object?>(Math.Min(count / 2, AmqpLimits.TrustedCount), ValueComparer.Instance);
        for (int i = 0; i < count; i += 2)
        {
            object? key = GetValue(depth + 1);
            if (key is null)
                ThrowNullKey();
            if (!pairs.TryAdd(key, GetValue(depth + 1)))
                ThrowDuplicateKey();
        }

        CheckEnd(end);
        return pairs;
    }

    private readonly void Enter(int depth)
    {
        if (depth >= _maxDepth)
            ThrowTooDeep();
    }

    private readonly void CheckEnd(int end)
    {
        if (_position != end)
            ThrowBadEnd();
    }

    [DoesNotReturn]
    private static void ThrowNullDescriptor() => AmqpCodecException.ThrowDecodeError("A descriptor is null.");

    [DoesNotReturn]
    private static void ThrowNullKey() => AmqpCodecException.ThrowDecodeError("A key of a map is null.");

    [DoesNotReturn]
    private static void ThrowDuplicateKey() => AmqpCodecException.ThrowDecodeError("A map has two equal keys.");
}
