using System.Collections;

namespace Messaging.Amqp;

/// <summary>Equality of decoded values by AMQP type and content, for the keys of maps (part 1, 1.6.23 forbids two identical ones).</summary>
/// <remarks>
/// Hashes are seeded per process for every type: the BCL's hash of a long or a Guid is a plain fold of its bits, with which a peer could
/// send a map whose keys all collide and make reading it quadratic. What a value is made of is hashed with its type, for the same reason: lists of
/// ints and uints in every combination are different keys.
/// </remarks>
internal sealed class ValueComparer : IEqualityComparer<object>
{
    public static readonly ValueComparer Instance = new();

    private ValueComparer()
    {
    }

    public new bool Equals(object? x, object? y)
    {
        if (ReferenceEquals(x, y))
            return true;
        if (x is null || y is null || x.GetType() != y.GetType())
            return false;
        return x switch
        {
            string text => string.Equals(text, (string)y, StringComparison.Ordinal),
            double number => BitConverter.DoubleToInt64Bits(number) == BitConverter.DoubleToInt64Bits((double)y),
            float number => BitConverter.SingleToInt32Bits(number) == BitConverter.SingleToInt32Bits((float)y),
            Described described => Equals(described.Descriptor, ((Described)y).Descriptor) && Equals(described.Value, ((Described)y).Value),
            AmqpArray array => array.ElementFormatCode == ((AmqpArray)y).ElementFormatCode
                && SequenceEquals(array.Descriptors, ((AmqpArray)y).Descriptors) && SequenceEquals(array, (AmqpArray)y),
            byte[] bytes => bytes.AsSpan().SequenceEqual((byte[])y),
            OrderedDictionary<object, object?> map => MapEquals(map, (OrderedDictionary<object, object?>)y),
            IList list => SequenceEquals(list, (IList)y),
            _ => x.Equals(y),
        };
    }

    public int GetHashCode(object obj)
    {
        switch (obj)
        {
            case string text: return text.GetHashCode(StringComparison.Ordinal);
            case Symbol symbol: return symbol.GetHashCode();
            case long number: return Hash((ulong)number);
            case ulong number: return Hash(number);
            case double number: return Hash(BitConverter.DoubleToUInt64Bits(number));
            case float number: return Hash(BitConverter.SingleToUInt32Bits(number)); // every NaN is a key of its own
            case DateTime time: return Hash((ulong)time.Ticks);
            case AmqpTimestamp time: return Hash((ulong)time.Milliseconds);
            case AmqpDecimal64 number: return Hash(number.Bits);
            case AmqpDecimal128 number: return HashCode.Combine(Hash((ulong)number.Bits), Hash((ulong)(number.Bits >> 64)));
            case byte[] bytes: return Hash(bytes);
            case Guid uuid:
                Span<byte> raw = stackalloc byte[16];
                uuid.TryWriteBytes(raw);
                return Hash(raw);
            case Described described: return HashCode.Combine(HashPart(described.Descriptor), HashPart(described.Value));
            case OrderedDictionary<object, object?> map: return HashCode.Combine(HashAll(map.Keys), HashAll(map.Values));
            case AmqpArray array: return HashCode.Combine(array.ElementFormatCode, HashAll(array.Descriptors), HashAll(array));
            case IList list: return HashAll(list);
            default: return HashCode.Combine(obj.GetHashCode());
        }
    }

    private static int Hash(ulong value) => HashCode.Combine((uint)value, (uint)(value >> 32));

    private static int Hash(ReadOnlySpan<byte> bytes)
    {
        HashCode hash = default;
        hash.AddBytes(bytes);
        return hash.ToHashCode();
    }

    private int HashAll(IEnumerable items)
    {
        HashCode hash = default;
        foreach (object? item in items)
            hash.Add(HashPart(item));
        return hash.ToHashCode();
    }

    private int HashPart(object? part) => part is null ? 0 : HashCode.Combine(part.GetType(), GetHashCode(part));

    private bool SequenceEquals(IEnumerable x, IEnumerable y)
    {
        IEnumerator left = x.GetEnumerator();
        IEnumerator right = y.GetEnumerator();
        while (left.MoveNext())
        {
            if (!right.MoveNext() || !Equals(left.Current, right.Current))
                return false;
        }

        return !right.MoveNext();
    }

    // Maps are ordered (1.6.23): the same pairs in another order are another value.
    private bool MapEquals(OrderedDictionary<object, object?> x, OrderedDictionary<object, object?> y) =>
        SequenceEquals(x.Keys, y.Keys) && SequenceEquals(x.Values, y.Values);
}
