using Messaging.Amqp;

namespace Messaging.Broker.Queues;

/// <summary>About how much memory a decoded value takes: an empty list is one byte on the wire and forty as an object.</summary>
internal static class ValueMemory
{
    private const int Reference = 8;
    private const int Box = 24;
    private const int Collection = 40;
    private const int Map = 100;
    private const int Entry = 40;

    /// <summary>The memory of annotations, in bytes.</summary>
    public static long Of(IDictionary<Symbol, object?> annotations)
    {
        long bytes = annotations.Count == 0 ? 0 : Map;
        foreach ((Symbol key, object? value) in annotations)
            bytes += Entry + Of(key.Value) + Of(value);
        return bytes;
    }

    /// <summary>The memory of a value of any type that AMQP has, in bytes. Values nest no deeper than the codec lets them.</summary>
    public static long Of(object? value) => value switch
    {
        null => 0,
        string text => Box + (sizeof(char) * (long)text.Length),
        Symbol symbol => Box + Of(symbol.Value),
        byte[] bytes => Box + bytes.Length,
        Described described => Collection + Of(described.Descriptor) + Of(described.Value),
        IDictionary<object, object?> map => Map + map.Sum(static entry => Entry + Of(entry.Key) + Of(entry.Value)),
        System.Collections.IEnumerable items => Collection + items.Cast<object?>().Sum(static item => Reference + Of(item)),
        _ => Box,
    };
}
