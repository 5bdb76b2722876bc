using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>
/// Looks at an attach before it is decoded. A source or target may be of any type that an extension defines (AMQP 1.0 part 2, 2.7.3); one that we do not
/// know is no reason to end the connection: the link is refused with amqp:not-implemented.
/// </summary>
internal static class AttachProbe
{
    private const int SourceField = 5;
    private const int TargetField = 6;

    /// <summary>Whether the attach has a terminus of an unknown type; then <paramref name="stub"/> has its name, handle and role.</summary>
    /// <exception cref="AmqpCodecException">The attach is malformed.</exception>
    public static bool HasForeignTerminus(ReadOnlySpan<byte> body, out Attach stub)
    {
        stub = default;
        AmqpReader reader = new(body);
        reader.TryReadDescriptor(out _);
        int count = reader.ReadListHeader(out _);
        if (count <= SourceField || reader.TryReadNull())
        {
            return false; // decoding says what is wrong, if anything is
        }

        stub.Name = reader.ReadString();
        if (reader.TryReadNull())
        {
            return false;
        }

        stub.Handle = reader.ReadUInt();
        if (reader.TryReadNull())
        {
            return false;
        }

        stub.Role = reader.ReadBoolean();
        reader.Skip();
        reader.Skip();
        bool isForeign = IsForeign(ref reader, Codes.Source, Codes.Source);
        if (count > TargetField)
        {
            isForeign |= IsForeign(ref reader, Codes.Target, Codes.Coordinator);
        }

        for (int field = TargetField + 1; isForeign && field < count; field++)
        {
            reader.Skip(); // malformed is malformed, known or not
        }

        return isForeign;
    }

    private static bool IsForeign(ref AmqpReader reader, ulong known, ulong alsoKnown)
    {
        AmqpReader value = reader;
        reader.Skip();
        if (value.TryReadNull() || !value.TryReadDescriptor(out Descriptor descriptor))
        {
            return false;
        }

        return !DescriptorNames.TryGetCode(in descriptor, out ulong code) || (code != known && code != alsoKnown);
    }
}
