using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>A described list taken apart, to be put together again in other ways.</summary>
internal sealed class EncodedList
{
    public static readonly byte[] Null = [FormatCode.Null];

    private EncodedList(Descriptor descriptor, List<byte[]> fields)
    {
        Descriptor = descriptor;
        Fields = fields;
    }

    public Descriptor Descriptor { get; set; }

    public List<byte[]> Fields { get; }

    public static EncodedList Parse(ReadOnlySpan<byte> encoded)
    {
        AmqpReader reader = new(encoded);
        Assert.True(reader.TryReadDescriptor(out Descriptor descriptor));
        List<byte[]> fields = [];
        int count = reader.ReadListHeader(out _);
        for (int i = 0; i < count; i++)
        {
            int start = reader.Position;
            reader.Skip();
            fields.Add(encoded[start..reader.Position].ToArray());
        }

        return new EncodedList(descriptor, fields);
    }

    public byte[] ToBytes()
    {
        using AmqpWriter writer = new();
        if (Descriptor.IsSymbolic)
            writer.WriteDescriptor(Descriptor.Name);
        else
            writer.WriteDescriptor(Descriptor.Code);
        CompoundScope list = writer.BeginList();
        foreach (byte[] field in Fields)
            writer.WriteRaw(field);
        writer.EndList(list, Fields.Count);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The same with list32 and the wide numeric descriptor, which are as legal as the short forms.</summary>
    public byte[] ToWideBytes()
    {
        using AmqpWriter writer = new();
        writer.WriteRaw([FormatCode.Described, FormatCode.ULong, .. BigEndian(Descriptor.Code)]);
        byte[] content = [.. Fields.SelectMany(field => field)];
        writer.WriteRaw([FormatCode.List32, .. BigEndian((uint)content.Length + 4), .. BigEndian((uint)Fields.Count), .. content]);
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>Fills up with nulls, so that the field can be set.</summary>
    public void Set(int index, byte[] field)
    {
        while (Fields.Count <= index)
            Fields.Add(Null);
        Fields[index] = field;
    }

    private static byte[] BigEndian(ulong value)
    {
        byte[] bytes = BitConverter.GetBytes(value);
        Array.Reverse(bytes);
        return bytes;
    }

    private static byte[] BigEndian(uint value)
    {
        byte[] bytes = BitConverter.GetBytes(value);
        Array.Reverse(bytes);
        return bytes;
    }
}
