using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Messaging.Amqp.Framing;

/// <summary>The eight bytes before every frame body (AMQP 1.0 part 2, 2.3.1).</summary>
/// <param name="Size">Bytes of the whole frame, these eight included.</param>
/// <param name="DataOffset">Where the body starts, in units of four bytes; at least 2.</param>
/// <param name="Type">0 AMQP, 1 SASL.</param>
/// <param name="Channel">The channel; SASL frames have none (part 5, 5.3.1).</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct FrameHeader(uint Size, byte DataOffset, byte Type, ushort Channel)
{
    /// <summary>Bytes of the header.</summary>
    public const int Length = 8;

    /// <summary>The type of frames after the AMQP header.</summary>
    public const byte AmqpType = 0;

    /// <summary>The type of frames after the SASL header.</summary>
    public const byte SaslType = 1;

    /// <summary>Where the body starts, in bytes.</summary>
    public int BodyOffset => DataOffset * 4;

    /// <summary>Whether the body starts behind the header and within the frame.</summary>
    public bool IsValid => DataOffset >= 2 && (uint)BodyOffset <= Size;

    /// <summary>Reads a header without judging it. False when fewer than eight bytes are there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> data, out FrameHeader header)
    {
        if (data.Length < Length)
        {
            header = default;
            return false;
        }

        header = new(BinaryPrimitives.ReadUInt32BigEndian(data), data[4], data[5], BinaryPrimitives.ReadUInt16BigEndian(data[6..]));
        return true;
    }
}
