using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Testing.Proxy;

/// <summary>Tells which frame begins at a place of a byte stream, by the SDK's own framing and codec.</summary>
internal static class FrameScanner
{
    /// <summary>Enough of a body for the longest symbolic descriptor of a performative.</summary>
    private const int DescriptorBytes = 48;

    private const uint LargestFrame = 1u << 30;

    /// <summary>The frame at the start of the bytes and its length; no end is in sight of what is no frame.</summary>
    /// <returns>False when more bytes are needed to tell.</returns>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameKind kind, out long length)
    {
        kind = FrameKind.Opaque;
        length = 0;
        if (!FrameHeader.TryRead(bytes, out FrameHeader header))
            return false;
        if (bytes.StartsWith("AMQP"u8))
        {
            kind = HeaderKind(bytes[..FrameHeader.Length]);
            length = kind == FrameKind.Opaque ? long.MaxValue : FrameHeader.Length;
            return true;
        }

        if (!header.IsValid || header.Type > FrameHeader.SaslType || header.Size > LargestFrame)
        {
            length = long.MaxValue;
            return true;
        }

        int needed = (int)Math.Min(header.Size, header.BodyOffset + DescriptorBytes);
        if (bytes.Length < needed)
            return false;
        kind = BodyKind(bytes[header.BodyOffset..needed]);
        length = header.Size;
        return true;
    }

    private static FrameKind HeaderKind(ReadOnlySpan<byte> header)
    {
        if (header.SequenceEqual(FrameWriter.AmqpHeader))
            return FrameKind.AmqpHeader;
        if (header.SequenceEqual(FrameWriter.SaslHeader))
            return FrameKind.SaslHeader;
        return header.SequenceEqual(FrameWriter.TlsHeader) ? FrameKind.TlsHeader : FrameKind.Opaque;
    }

    private static FrameKind BodyKind(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return FrameKind.Empty;
        AmqpReader reader = new(body);
        try
        {
            return reader.TryReadDescriptor(out Descriptor descriptor) && DescriptorNames.TryGetCode(in descriptor, out ulong code) ? Of(code) : FrameKind.Unknown;
        }
        catch (AmqpCodecException)
        {
            return FrameKind.Unknown;
        }
    }

    private static FrameKind Of(ulong code) => code switch
    {
        Codes.Open => FrameKind.Open,
        Codes.Begin => FrameKind.Begin,
        Codes.Attach => FrameKind.Attach,
        Codes.Flow => FrameKind.Flow,
        Codes.Transfer => FrameKind.Transfer,
        Codes.Disposition => FrameKind.Disposition,
        Codes.Detach => FrameKind.Detach,
        Codes.End => FrameKind.End,
        Codes.Close => FrameKind.Close,
        Codes.SaslMechanisms => FrameKind.SaslMechanisms,
        Codes.SaslInit => FrameKind.SaslInit,
        Codes.SaslChallenge => FrameKind.SaslChallenge,
        Codes.SaslResponse => FrameKind.SaslResponse,
        Codes.SaslOutcome => FrameKind.SaslOutcome,
        _ => FrameKind.Unknown,
    };
}
