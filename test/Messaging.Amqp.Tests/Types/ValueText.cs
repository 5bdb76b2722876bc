using System.Collections;
using System.Text;
using System.Text.Json;

namespace Messaging.Amqp.Tests.Types;

/// <summary>A decoded value as text that shows every type and every bit: two values are the same when their texts are. The vectors' "value".</summary>
internal static class ValueText
{
    public static string Of(object? value) => value switch
    {
        null => "null",
        bool b => b ? "boolean true" : "boolean false",
        byte n => $"ubyte {n}",
        sbyte n => $"byte {n}",
        ushort n => $"ushort {n}",
        short n => $"short {n}",
        uint n => $"uint {n}",
        int n => $"int {n}",
        ulong n => $"ulong {n}",
        long n => $"long {n}",
        float n => $"float 0x{BitConverter.SingleToUInt32Bits(n):x8}",
        double n => $"double 0x{BitConverter.DoubleToUInt64Bits(n):x16}",
        AmqpDecimal32 n => $"decimal32 0x{n.Bits:x8}",
        AmqpDecimal64 n => $"decimal64 0x{n.Bits:x16}",
        AmqpDecimal128 n => $"decimal128 0x{n.Bits:x32}",
        char c => $"char U+{(int)c:X4}",
        Rune r => r.IsBmp ? throw new InvalidOperationException("not canonical") : $"char U+{r.Value:X4}",
        DateTime t => t.Kind == DateTimeKind.Utc ? $"timestamp {(t - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMillisecond}" : throw new InvalidOperationException("not canonical"),
        AmqpTimestamp t => t.IsDateTime ? throw new InvalidOperationException("not canonical") : $"timestamp {t.Milliseconds}",
        Guid g => $"uuid {g}",
        string s => $"string {JsonSerializer.Serialize(s, Json.Default.String)}",
        Symbol s => $"symbol {s}",
        Described d => $"described({Of(d.Descriptor)}, {Of(d.Value)})",
        AmqpArray a => $"array({string.Concat(a.Descriptors.Select(d => Of(d) + ", "))}0x{a.ElementFormatCode:x2})[{Join(a)}]",
        List<object?> list => $"list[{Join(list)}]",
        OrderedDictionary<object, object?> map => $"map{{{string.Join(", ", map.Select(p => $"{Of(p.Key)}: {Of(p.Value)}"))}}}",
        byte[] bytes when value.GetType() == typeof(byte[]) => $"binary {Convert.ToHexStringLower(bytes)}",
        Array array => $"array({ElementName(array)})[{Elements(array)}]",
        _ => throw new InvalidOperationException($"not canonical: {value.GetType()}"),
    };

    private static string Join(IEnumerable<object?> items) => string.Join(", ", items.Select(Of));

    // In Rune[] and AmqpTimestamp[] the elements that would fit char or DateTime stand among those that do not.
    private static string Elements(Array array) => array switch
    {
        Rune[] runes when runes.Any(r => !r.IsBmp) => string.Join(", ", runes.Select(r => $"char U+{r.Value:X4}")),
        AmqpTimestamp[] times when times.Any(t => !t.IsDateTime) => string.Join(", ", times.Select(t => $"timestamp {t.Milliseconds}")),
        _ => Join(((IEnumerable)array).Cast<object?>()),
    };

    private static string ElementName(Array array)
    {
        Type type = array.GetType().GetElementType()!;
        return type.Name switch
        {
            "Boolean" => "boolean",
            "SByte" => "byte",
            "UInt16" => "ushort",
            "Int16" => "short",
            "UInt32" => "uint",
            "Int32" => "int",
            "UInt64" => "ulong",
            "Int64" => "long",
            "Single" => "float",
            "Double" => "double",
            "AmqpDecimal32" => "decimal32",
            "AmqpDecimal64" => "decimal64",
            "AmqpDecimal128" => "decimal128",
            "Char" or "Rune" => "char",
            "DateTime" or "AmqpTimestamp" => "timestamp",
            "Guid" => "uuid",
            "Byte[]" => "binary",
            "String" => "string",
            "Symbol" => "symbol",
            _ => throw new InvalidOperationException($"not canonical: {type}"),
        };
    }
}
