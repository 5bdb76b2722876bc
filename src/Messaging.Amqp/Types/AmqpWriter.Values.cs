using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Messaging.Amqp;

// Values whose type is known only at run time. Pattern matching, not reflection: nothing for the trimmer to lose.
public sealed partial class AmqpWriter
{
    private const string Supported =
        "null, bool, byte, sbyte, short, ushort, int, uint, long, ulong, float, double, decimal, AmqpDecimal32/64/128, char, Rune, DateTime, DateTimeOffset, "
        + "AmqpTimestamp, Guid, byte[], Memory<byte>, string, Symbol, Described, lists, dictionaries, one-dimensional arrays of these primitives, AmqpArray";

    /// <summary>Writes a value of any supported CLR type.</summary>
    /// <remarks>
    /// byte is AMQP's ubyte, sbyte its byte; <c>byte[]</c> is binary and every other <c>T[]</c> of a primitive an array; <c>object[]</c> and every other list is a list;
    /// dictionaries are maps in their enumeration order; decimal becomes decimal128. A <see cref="DateTime"/> of unspecified kind is taken as UTC.
    /// </remarks>
    /// <param name="value">null, a primitive, <see cref="Described"/>, <see cref="AmqpArray"/>, a list, a dictionary or an array, containing the same; at most 32 containers deep.</param>
    /// <exception cref="ArgumentException">A type that AMQP has no form for, a surrogate without its partner, a null key, two keys that are one in AMQP, an element that does not fit its array,
    /// or deeper than 32 (also a list that contains itself). Nothing was written then.</exception>
    public void WriteValue(object? value)
    {
        if (TryWriteScalar(value))
            return;

        int start = _position;
        try
        {
            WriteContainer(value!, 0);
        }
        catch
        {
            _position = start;
            throw;
        }
    }

    private void WriteItem(object? value, int depth)
    {
        if (!TryWriteScalar(value))
            WriteContainer(value!, depth);
    }

    private bool TryWriteScalar(object? value)
    {
        switch (value)
        {
            case null: WriteNull(); return true;
            case string text: WriteString(text); return true;
            case int number: WriteInt(number); return true;
            case long number: WriteLong(number); return true;
            case bool flag: WriteBoolean(flag); return true;
            case Symbol symbol: WriteSymbol(symbol); return true;
            case uint number: WriteUInt(number); return true;
            case ulong number: WriteULong(number); return true;
            case double number: WriteDouble(number); return true;
            // The CLR lets an sbyte[] pass for a byte[]: compare the exact type.
            case byte[] bytes when value.GetType() == typeof(byte[]): WriteBinary(bytes); return true;
            case DateTime time: WriteTimestamp(AmqpTimestamp.FromDateTime(time)); return true;
            case Guid uuid: WriteUuid(uuid); return true;
            default: return TryWriteRareScalar(value);
        }
    }

    private bool TryWriteRareScalar(object value)
    {
        switch (value)
        {
            case byte number: WriteUByte(number); return true;
            case sbyte number: WriteByte(number); return true;
            case short number: WriteShort(number); return true;
            case ushort number: WriteUShort(number); return true;
            case float number: WriteFloat(number); return true;
            case decimal number: WriteDecimal128((AmqpDecimal128)number); return true;
            case AmqpDecimal32 number: WriteDecimal32(number); return true;
            case AmqpDecimal64 number: WriteDecimal64(number); return true;
            case AmqpDecimal128 number: WriteDecimal128(number); return true;
            case char character: WriteChar(ToRune(character)); return true;
            case Rune rune: WriteChar(rune); return true;
            case DateTimeOffset time: WriteTimestamp(time); return true;
            case AmqpTimestamp time: WriteTimestamp(time); return true;
            case ReadOnlyMemory<byte> bytes: WriteBinary(bytes.Span); return true;
            case Memory<byte> bytes: WriteBinary(bytes.Span); return true;
            default: return false;
        }
    }

    private void WriteContainer(object value, int depth)
    {
        if (depth >= AmqpLimits.MaxDepth)
            ThrowTooDeep(value);

        switch (value)
        {
            case Described described: WriteDescribed(described, depth + 1); break;
            case AmqpArray array: WriteElements(array, depth + 1); break;
            case object?[] items when value.GetType() == typeof(object[]): WriteList(items, depth + 1); break;
            case Array array: WriteTypedArray(array); break;
            case OrderedDictionary<object, object?> map: WriteMap(map, depth + 1); break;
            case IReadOnlyDictionary<Symbol, object?> map: WriteMap(map, depth + 1); break;
            case IReadOnlyDictionary<string, object?> map: WriteMap(map, depth + 1); break;
            case IReadOnlyDictionary<object, object?> map: WriteMap(map, depth + 1); break;
            case IDictionary map: WriteMap(map, depth + 1); break;
            case IList list: WriteList(list, depth + 1); break;
            case IReadOnlyList<object?> list: WriteList(list, depth + 1); break;
            default: ThrowUnsupported(value); break;
        }
    }

    private void WriteDescribed(Described described, int depth)
    {
        if (described.Descriptor is null)
            throw new ArgumentException("A described value needs a descriptor that is not null, usually a Symbol or a ulong.", nameof(described));
        PutByte(FormatCode.Described);
        WriteItem(described.Descriptor, depth);
        WriteItem(described.Value, depth);
    }

    private void WriteList(IEnumerable list, int depth)
    {
        CompoundScope scope = BeginList();
        int count = 0;
        foreach (object? item in list)
        {
            WriteItem(item, depth);
            count++;
        }

        EndList(scope, count);
    }

    private static Rune ToRune(char value) =>
        Rune.TryCreate(value, out Rune rune) ? rune : throw new ArgumentException($"U+{(int)value:X4} is half of a surrogate pair, not a character. Use System.Text.Rune for characters beyond U+FFFF.", nameof(value));

    [DoesNotReturn]
    private static void ThrowTooDeep(object value) =>
        throw new ArgumentException($"The value has more than {AmqpLimits.MaxDepth} containers inside each other, or contains itself ({value.GetType()}). Flatten it, or send it as binary.", nameof(value));

    [DoesNotReturn]
    private static void ThrowUnsupported(object value) =>
        throw new ArgumentException($"AMQP has no form for {value.GetType()}. Supported: {Supported}.", nameof(value));
}
