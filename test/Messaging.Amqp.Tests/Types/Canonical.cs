using System.Collections;
using System.Text;

namespace Messaging.Amqp.Tests.Types;

/// <summary>What a value must be after going over the wire (design section 4, "Types").</summary>
internal static class Canonical
{
    public static object? Of(object? value) => value switch
    {
        Rune r => r.IsBmp ? (char)r.Value : r,
        DateTimeOffset t => OfTimestamp(t),
        DateTime t => OfTimestamp(new DateTimeOffset(DateTime.SpecifyKind(t, DateTimeKind.Utc))),
        AmqpTimestamp t => t.IsDateTime ? t.ToDateTime() : t,
        decimal d => (AmqpDecimal128)d,
        ReadOnlyMemory<byte> m => m.ToArray(),
        Described d => new Described(Of(d.Descriptor)!, Of(d.Value)),
        AmqpArray a => OfArray(a),
        object?[] items when value.GetType() == typeof(object[]) => items.Select(Of).ToList(),
        Array array => OfTypedArray(array),
        IDictionary map => OfMap(map),
        IList list => list.Cast<object?>().Select(Of).ToList(),
        _ => value,
    };

    private static DateTime OfTimestamp(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds()).UtcDateTime;

    private static OrderedDictionary<object, object?> OfMap(IDictionary map)
    {
        OrderedDictionary<object, object?> result = [];
        foreach (DictionaryEntry entry in map)
            result.Add(Of(entry.Key)!, Of(entry.Value));
        return result;
    }

    private static object OfTypedArray(Array array) => array switch
    {
        Rune[] runes => runes.All(r => r.IsBmp) ? Array.ConvertAll(runes, r => (char)r.Value) : runes,
        AmqpTimestamp[] times => times.All(t => t.IsDateTime) ? Array.ConvertAll(times, t => t.ToDateTime()) : times,
        DateTime[] times => Array.ConvertAll(times, t => (DateTime)Of(t)!),
        DateTimeOffset[] times => Array.ConvertAll(times, t => (DateTime)Of(t)!),
        decimal[] numbers => Array.ConvertAll(numbers, n => (AmqpDecimal128)n),
        ReadOnlyMemory<byte>[] binaries => Array.ConvertAll(binaries, b => b.ToArray()),
        _ => array,
    };

    private static object OfArray(AmqpArray array)
    {
        List<object?> items = [.. array.Select(Of)];
        List<object> descriptors = [.. array.Descriptors.Select(d => Of(d)!)];
        if (descriptors.Count > 0)
            return new AmqpArray(array.ElementFormatCode, items, descriptors);
        return array.ElementFormatCode switch
        {
            FormatCode.SmallInt or FormatCode.Int => items.Cast<int>().ToArray(),
            FormatCode.UInt0 or FormatCode.SmallUInt or FormatCode.UInt => items.Cast<uint>().ToArray(),
            FormatCode.SmallLong or FormatCode.Long => items.Cast<long>().ToArray(),
            FormatCode.ULong0 or FormatCode.SmallULong or FormatCode.ULong => items.Cast<ulong>().ToArray(),
            FormatCode.Boolean or FormatCode.BooleanTrue or FormatCode.BooleanFalse => items.Cast<bool>().ToArray(),
            FormatCode.String8 or FormatCode.String32 => items.Cast<string>().ToArray(),
            FormatCode.Symbol8 or FormatCode.Symbol32 => items.Cast<Symbol>().ToArray(),
            FormatCode.Binary8 or FormatCode.Binary32 => items.Cast<byte[]>().ToArray(),
            FormatCode.Uuid => items.Cast<Guid>().ToArray(),
            _ => new AmqpArray(array.ElementFormatCode, items),
        };
    }
}
