using System.Buffers;
using System.Collections;
using System.Runtime.InteropServices;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <summary>The forms that a body takes in its field, and the ways between them and the sections.</summary>
/// <remarks>
/// Value: the value. Data: <c>byte[]</c>, boxed memory (as given by the application), or a list of either. Sequence: <see cref="IList"/> or a list of these.
/// </remarks>
internal static class MessageBody
{
    /// <summary>The form of data sections that the application gives.</summary>
    public static object OfData(ReadOnlyMemory<byte>[] sections)
    {
        CheckCount(sections.Length, nameof(sections));
        return sections.Length == 1 ? Unwrap(sections[0]) : new SectionList<ReadOnlyMemory<byte>>(sections);
    }

    /// <summary>The form of sequences that the application gives.</summary>
    public static object OfSequences(IList[] sequences)
    {
        CheckCount(sequences.Length, nameof(sequences));
        foreach (IList sequence in sequences)
            ArgumentNullException.ThrowIfNull(sequence, nameof(sequences));
        return sequences.Length == 1 ? sequences[0] : new SectionList<IList>(sequences);
    }

    /// <summary>The form that the application sees: memories become arrays, so that what was read does not change with their owner.</summary>
    public static object? Materialize(MessageBodyKind kind, object? body) => kind != MessageBodyKind.Data
        ? body
        : body switch
        {
            ReadOnlyMemory<byte> memory => memory.ToArray(),
            SectionList<ReadOnlyMemory<byte>> list => new SectionList<byte[]>([.. list.Select(section => section.ToArray())]),
            _ => body,
        };

    /// <summary>A body that does not share the bytes of data sections; values are shared.</summary>
    public static object? Copy(MessageBodyKind kind, object? body) => kind == MessageBodyKind.Data
        ? body switch
        {
            byte[] bytes => bytes.Clone(),
            SectionList<byte[]> list => new SectionList<byte[]>([.. list.Select(section => section.ToArray())]),
            _ => Materialize(kind, body),
        }
        : body;

    /// <summary>Decodes the body sections.</summary>
    public static object? Read(ReadOnlySpan<byte> bytes, MessageBodyKind kind)
    {
        AmqpReader reader = new(bytes, SectionCodes.MaxDepth);
        switch (kind)
        {
            case MessageBodyKind.None:
                return null;
            case MessageBodyKind.Value:
                SectionCodes.Read(ref reader);
                return reader.ReadValue();
            case MessageBodyKind.Data:
                SectionCodes.Read(ref reader);
                byte[] data = reader.ReadBinary();
                return reader.End ? data : ReadMoreData(data, ref reader);
            default:
                IList sequence = ReadSequence(ref reader);
                return reader.End ? sequence : ReadMoreSequences(sequence, ref reader);
        }
    }

    /// <summary>The bytes of data sections, in any of their forms.</summary>
    public static ReadOnlySequence<byte> View(object? body) => body switch
    {
        byte[] bytes => new(bytes),
        ReadOnlyMemory<byte> memory => new(memory),
        SectionList<byte[]> list => DataSegment.Chain([.. list.Select(section => (ReadOnlyMemory<byte>)section)]),
        SectionList<ReadOnlyMemory<byte>> list => DataSegment.Chain(list.Span),
        _ => default,
    };

    /// <summary>The bytes of encoded data sections without copying them.</summary>
    /// <param name="sections">Nothing but data sections.</param>
    public static ReadOnlySequence<byte> View(ReadOnlyMemory<byte> sections)
    {
        AmqpReader reader = new(sections.Span);
        ReadOnlyMemory<byte> first = NextData(sections, ref reader);
        if (reader.End)
            return new(first);
        List<ReadOnlyMemory<byte>> all = [first];
        while (!reader.End)
            all.Add(NextData(sections, ref reader));
        return DataSegment.Chain(CollectionsMarshal.AsSpan(all));
    }

    private static ReadOnlyMemory<byte> NextData(ReadOnlyMemory<byte> sections, ref AmqpReader reader)
    {
        SectionCodes.Read(ref reader);
        int length = reader.ReadBinarySpan().Length;
        return sections.Slice(reader.Position - length, length);
    }

    private static SectionList<byte[]> ReadMoreData(byte[] first, ref AmqpReader reader)
    {
        List<byte[]> all = [first];
        while (!reader.End)
        {
            SectionCodes.Read(ref reader);
            all.Add(reader.ReadBinary());
        }

        return new([.. all]);
    }

    private static SectionList<IList> ReadMoreSequences(IList first, ref AmqpReader reader)
    {
        List<IList> all = [first];
        while (!reader.End)
            all.Add(ReadSequence(ref reader));
        return new([.. all]);
    }

    private static IList ReadSequence(ref AmqpReader reader)
    {
        SectionCodes.Read(ref reader);
        return reader.ReadList();
    }

    // Memory over a whole array is as good as the array, and smaller.
    private static object Unwrap(ReadOnlyMemory<byte> memory) =>
        MemoryMarshal.TryGetArray(memory, out ArraySegment<byte> segment) && segment.Array is { } array && segment.Count == array.Length ? array : memory;

    private static void CheckCount(int count, string parameter)
    {
        if (count == 0)
            throw MessageErrors.NoSections(parameter);
        if (count > Message.MaxBodySections)
            throw MessageErrors.TooManySections(count, parameter);
    }
}
