using System.Diagnostics.CodeAnalysis;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Client;

/// <summary>Maps of unsettled deliveries as applications have them, by the bytes of their tags.</summary>
internal sealed class UnsettledTags : IEqualityComparer<ReadOnlyMemory<byte>>
{
    private static readonly UnsettledTags Comparer = new();

    private UnsettledTags()
    {
    }

    [return: NotNullIfNotNull(nameof(map))]
    public static IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? FromWire(IReadOnlyDictionary<object, object?>? map)
    {
        if (map is null)
            return null;
        var tags = new Dictionary<ReadOnlyMemory<byte>, DeliveryState?>(map.Count, Comparer);
        foreach ((object tag, object? state) in map)
            tags.Add((byte[])tag, (DeliveryState?)state);
        return tags;
    }

    [return: NotNullIfNotNull(nameof(tags))]
    public static IReadOnlyDictionary<object, object?>? ToWire(IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? tags)
    {
        if (tags is null)
            return null;
        Dictionary<object, object?> map = Unsettled.NewMap();
        foreach ((ReadOnlyMemory<byte> tag, DeliveryState? state) in tags)
        {
            DeliveryTags.CheckOurs(tag.Span);
            map[tag.ToArray()] = state;
        }

        return map;
    }

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> tag)
    {
        var hash = default(HashCode);
        hash.AddBytes(tag.Span);
        return hash.ToHashCode();
    }
}
