namespace Messaging.Amqp.Framing;

/// <summary>Reads the fields whose values are maps or have several types.</summary>
internal static class ValueReader
{
    /// <summary>Delivery tags with their states (AMQP 1.0 part 2, 2.7.3). Keys are compared by content.</summary>
    public static IReadOnlyDictionary<object, object?> ReadUnsettled(ref AmqpReader reader)
    {
        int count = reader.ReadMapHeader(out int end);
        OrderedDictionary<object, object?> unsettled = new(ValueComparer.Instance);
        for (int i = 0; i < count; i += 2)
        {
            ReadOnlySpan<byte> tag = reader.ReadBinarySpan();
            DeliveryTags.CheckTheirs(tag);
            if (!unsettled.TryAdd(tag.ToArray(), DeliveryStates.Read(ref reader)))
                throw CodecErrors.Decode("a delivery tag is there twice.");
        }

        return reader.Position == end ? unsettled : throw CodecErrors.Decode($"The map ends at byte {end}, but its entries end at byte {reader.Position}.");
    }

    /// <summary>One of the four types of message id (part 3, 3.2.11–3.2.14).</summary>
    public static object ReadMessageId(ref AmqpReader reader) => reader.PeekFormatCode() switch
    {
        FormatCode.String8 or FormatCode.String32 => reader.ReadString(),
        FormatCode.Binary8 or FormatCode.Binary32 => reader.ReadBinary(),
        FormatCode.ULong or FormatCode.SmallULong or FormatCode.ULong0 => reader.ReadULong(),
        FormatCode.Uuid => reader.ReadUuid(),
        byte other => throw CodecErrors.Decode($"a message id is a string, ulong, uuid or binary; the format code is 0x{other:x2}."),
    };
}
