using System.Buffers.Binary;

namespace Messaging.Amqp.Framing;

/// <summary>Appends whole frames and protocol headers to a buffer. The limit of the peer's max-frame-size is the engine's business.</summary>
internal static partial class FrameWriter
{
    /// <summary>The protocol header of AMQP 1.0.0 (part 2, 2.2).</summary>
    public static ReadOnlySpan<byte> AmqpHeader => "AMQP\x00\x01\x00\x00"u8;

    /// <summary>The protocol header of the SASL layer (part 5, 5.3.2).</summary>
    public static ReadOnlySpan<byte> SaslHeader => "AMQP\x03\x01\x00\x00"u8;

    /// <summary>The protocol header of the TLS layer within the protocol (part 5, 5.2.1), which we only recognise.</summary>
    public static ReadOnlySpan<byte> TlsHeader => "AMQP\x02\x01\x00\x00"u8;

    /// <summary>Writes a frame without a payload.</summary>
    /// <exception cref="InvalidOperationException">A mandatory field is null. The buffer is as it was before.</exception>
    /// <exception cref="ArgumentException">A value has a type that AMQP cannot express. The buffer is as it was before.</exception>
    public static void Write<T>(AmqpWriter output, byte type, ushort channel, in T performative)
        where T : struct, IComposite, allows ref struct => Write(output, type, channel, performative, payload: default);

    /// <summary>Writes a frame without a body, which only shows that we are there (part 2, 2.4.5).</summary>
    public static void WriteEmpty(AmqpWriter output) => WriteHeader(output.Reserve(FrameHeader.Length), FrameHeader.Length, FrameHeader.AmqpType, channel: 0);

    private static void Write<T>(AmqpWriter output, byte type, ushort channel, in T performative, ReadOnlySpan<byte> payload)
        where T : struct, IComposite, allows ref struct
    {
        int start = output.Length;
        WriteHeader(output.Reserve(FrameHeader.Length), size: 0, type, channel);
        try
        {
            Composite.Write(output, performative);
            output.WriteRaw(payload);
        }
        catch
        {
            // Half a frame in the buffer would end the connection; the caller can survive the exception.
            output.Truncate(start);
            throw;
        }

        output.PatchUInt32(start, (uint)(output.Length - start));
    }

    private static void WriteHeader(Span<byte> header, int size, byte type, ushort channel)
    {
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)size);
        header[4] = FrameHeader.Length / 4;
        header[5] = type;
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], channel);
    }
}
