using System.Collections;
using System.Collections.ObjectModel;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <summary>Writes message sections (AMQP 1.0 part 3, 3.2), each in its shortest form; a section with nothing in it is not written.</summary>
internal static class SectionWriter
{
    public static void WriteAnnotations(AmqpWriter writer, ulong code, IDictionary<Symbol, object?>? map)
    {
        if (map is not { Count: > 0 })
            return;
        writer.WriteDescriptor(code);
        CompoundScope scope = writer.BeginMap();
        foreach ((Symbol key, object? value) in map)
        {
            writer.WriteSymbol(key);
            writer.WriteValue(value);
        }

        writer.EndMap(scope, map.Count * 2);
    }

    public static void WriteApplicationProperties(AmqpWriter writer, IDictionary<string, object?>? map, string? duplicateId)
    {
        bool isMarked = duplicateId is not null && map?.ContainsKey(Message.DuplicateIdProperty) != true;
        if (map is not { Count: > 0 } && !isMarked)
            return;
        writer.WriteDescriptor(Codes.ApplicationProperties);
        CompoundScope scope = writer.BeginMap();
        foreach ((string key, object? value) in map ?? ReadOnlyDictionary<string, object?>.Empty)
        {
            BodyTypes.CheckApplicationProperty(key, value);
            writer.WriteString(key);
            writer.WriteValue(value);
        }

        if (isMarked)
        {
            writer.WriteString(Message.DuplicateIdProperty);
            writer.WriteString(duplicateId!);
        }

        writer.EndMap(scope, ((map?.Count ?? 0) + (isMarked ? 1 : 0)) * 2);
    }

    public static void WriteBody(AmqpWriter writer, MessageBodyKind kind, object? body)
    {
        switch (kind)
        {
            case MessageBodyKind.Value:
                writer.WriteDescriptor(Codes.AmqpValue);
                writer.WriteValue(body);
                return;
            case MessageBodyKind.Data:
                WriteData(writer, body);
                return;
            case MessageBodyKind.Sequence:
                WriteSequences(writer, body);
                return;
            default:
                return;   // no body was received, and an intermediary adds none
        }
    }

    private static void WriteData(AmqpWriter writer, object? body)
    {
        switch (body)
        {
            case byte[] bytes:
                WriteDataSection(writer, bytes);
                return;
            case ReadOnlyMemory<byte> memory:
                WriteDataSection(writer, memory.Span);
                return;
            case SectionList<byte[]> list:
                foreach (byte[] section in list.Span)
                    WriteDataSection(writer, section);
                return;
            case SectionList<ReadOnlyMemory<byte>> list:
                foreach (ReadOnlyMemory<byte> section in list.Span)
                    WriteDataSection(writer, section.Span);
                return;
        }
    }

    private static void WriteDataSection(AmqpWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.WriteDescriptor(Codes.Data);
        writer.WriteBinaryHeader(bytes.Length);
        writer.WriteRaw(bytes);
    }

    private static void WriteSequences(AmqpWriter writer, object? body)
    {
        if (body is IList single)
        {
            WriteSequence(writer, single);
            return;
        }

        foreach (IList sequence in ((SectionList<IList>)body!).Span)
            WriteSequence(writer, sequence);
    }

    // Element by element: WriteValue would make an array of a T[].
    private static void WriteSequence(AmqpWriter writer, IList sequence)
    {
        writer.WriteDescriptor(Codes.AmqpSequence);
        CompoundScope scope = writer.BeginList();
        foreach (object? element in sequence)
            writer.WriteValue(element);
        writer.EndList(scope, sequence.Count);
    }
}
