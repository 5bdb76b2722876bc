using System.Collections;

namespace Messaging.Amqp;

/// <summary>An AMQP array (part 1, 1.6.24) that no <c>T[]</c> can express: of ubyte (a <c>byte[]</c> is binary), nulls, lists, maps, arrays or described values, or with a chosen element encoding.</summary>
/// <remarks>
/// Immutable. Other arrays are plain <c>T[]</c>, both written and read: an <see cref="AmqpArray"/> of, say, int reads back as <c>int[]</c>.
/// The items are the bare values; the descriptors, which all elements share, stand beside them.
/// </remarks>
public sealed class AmqpArray : IReadOnlyList<object?>
{
    private static readonly object[] BoxedBytes = [.. Enumerable.Range(0, 256).Select(i => (object)(byte)i)];
    private readonly object?[] _items;

    /// <summary>Creates an array.</summary>
    /// <param name="elementFormatCode">The encoding of every element, see <see cref="FormatCode"/>.</param>
    /// <param name="items">The bare values; copied. That each fits the encoding is checked when the array is written.</param>
    /// <param name="descriptors">None for plain values; else the descriptor of every element (<see cref="Symbol"/> or <see cref="ulong"/>), and further ones inside it, outermost first.</param>
    /// <exception cref="ArgumentException"><paramref name="elementFormatCode"/> is not a primitive encoding of AMQP 1.0, or a descriptor is null.</exception>
    public AmqpArray(byte elementFormatCode, IEnumerable<object?> items, params IReadOnlyList<object> descriptors)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(descriptors);
        if (!FormatCode.IsPrimitive(elementFormatCode))
            throw new ArgumentException($"0x{elementFormatCode:x2} is not the format code of an AMQP primitive; see the constants of FormatCode.", nameof(elementFormatCode));
        if (descriptors.Contains(null!))
            throw new ArgumentException("A descriptor must not be null.", nameof(descriptors));

        ElementFormatCode = elementFormatCode;
        _items = [.. items];
        Descriptors = descriptors.Count == 0 ? [] : [.. descriptors];
    }

    private AmqpArray(byte elementFormatCode, object?[] items, object[] descriptors)
    {
        ElementFormatCode = elementFormatCode;
        _items = items;
        Descriptors = descriptors;
    }

    /// <summary>The encoding of every element, see <see cref="FormatCode"/>.</summary>
    public byte ElementFormatCode { get; }

    /// <summary>The descriptor of every element, or null when they are plain values.</summary>
    public object? Descriptor => Descriptors.Count == 0 ? null : Descriptors[0];

    /// <summary>All descriptors of every element, outermost first; empty when they are plain values.</summary>
    public IReadOnlyList<object> Descriptors { get; }

    /// <summary>How many elements there are.</summary>
    public int Count => _items.Length;

    /// <summary>An element's bare value.</summary>
    /// <param name="index">0 to <see cref="Count"/> - 1.</param>
    public object? this[int index] => _items[index];

    /// <summary>An array of ubyte.</summary>
    /// <param name="values">The elements; copied.</param>
    public static AmqpArray OfUBytes(params ReadOnlySpan<byte> values)
    {
        object?[] items = new object?[values.Length];
        for (int i = 0; i < items.Length; i++)
            items[i] = BoxedBytes[values[i]];
        return new AmqpArray(FormatCode.UByte, items, []);
    }

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator() => ((IEnumerable<object?>)_items).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <summary>Takes the items and descriptors without copying them.</summary>
    internal static AmqpArray Own(byte elementFormatCode, object?[] items, object[] descriptors) => new(elementFormatCode, items, descriptors);
}
