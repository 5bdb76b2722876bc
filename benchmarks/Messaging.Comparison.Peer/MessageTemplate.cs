using System.Buffers.Binary;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>All frames of one message with a data section, encoded by the library, with markers for delivery-id and tag in the first.</summary>
internal sealed class MessageTemplate
{
    private const uint IdMarker = 0xDE11F8ED;
    private const uint TagMarker = 0x7A67A67A;

    private MessageTemplate(byte[] bytes, int frames)
    {
        var template = new FrameTemplate(bytes);
        Bytes = bytes;
        Frames = frames;
        IdOffset = template.OffsetOf(IdMarker);
        TagOffset = template.OffsetOf(TagMarker);
    }

    public byte[] Bytes { get; }

    public int Frames { get; }

    public int IdOffset { get; }

    public int TagOffset { get; }

    public static MessageTemplate Create(ushort channel, uint handle, int bodySize, uint maxFrameSize)
    {
        using var message = new AmqpWriter();
        message.WriteDescriptor(Codes.Data);
        message.WriteBinary(Body(bodySize));

        using var output = new AmqpWriter();
        int chunk = (int)maxFrameSize - 64; // room for the frame header and the transfer's fields
        int frames = 0;
        for (ReadOnlySpan<byte> rest = message.WrittenSpan; !rest.IsEmpty || frames == 0; frames++)
        {
            int size = Math.Min(chunk, rest.Length);
            WriteFrame(output, channel, handle, first: frames == 0, more: size < rest.Length, rest[..size]);
            rest = rest[size..];
        }
        return new MessageTemplate(output.WrittenSpan.ToArray(), frames);
    }

    private static void WriteFrame(AmqpWriter output, ushort channel, uint handle, bool first, bool more, ReadOnlySpan<byte> payload)
    {
        Span<byte> tag = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(tag, TagMarker);
        Transfer transfer = first
            ? new Transfer { Handle = handle, DeliveryId = IdMarker, DeliveryTag = tag, HasDeliveryTag = true, MessageFormat = 0, Settled = false, More = more }
            : new Transfer { Handle = handle, More = more };
        FrameWriter.WriteTransfer(output, channel, in transfer, payload);
    }

    private static byte[] Body(int size)
    {
        var body = new byte[size];
        for (int i = 0; i < size; i++)
        {
            body[i] = (byte)(i % 32); // none of the marker bytes
        }
        return body;
    }
}
