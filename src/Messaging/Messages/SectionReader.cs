using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <summary>Decodes the map sections (AMQP 1.0 part 3, 3.2.2, 3.2.3, 3.2.5, 3.2.9).</summary>
/// <remarks>Lenient where peers need it: a section whose map is null, as Proton-J writes for one that was set to null, is an empty section.</remarks>
internal static class SectionReader
{
    /// <summary>Annotations or the footer; null when empty. Symbolic keys only: numeric ones are reserved (3.2.10) and none is defined.</summary>
    public static IDictionary<Symbol, object?>? ReadAnnotations(ref AmqpReader reader)
    {
        SectionCodes.Read(ref reader);
        if (reader.TryReadNull())
            return null;
        OrderedDictionary<Symbol, object?> map = reader.ReadFields();
        return map.Count == 0 ? null : map;
    }

    /// <summary>Application properties; null when empty. Values that are not simple are taken as they are: only sending them is refused.</summary>
    public static IDictionary<string, object?>? ReadApplicationProperties(ref AmqpReader reader)
    {
        SectionCodes.Read(ref reader);
        if (reader.TryReadNull())
            return null;
        int entries = reader.ReadMapHeader(out int end) / 2;
        if (entries == 0)
            return null;
        OrderedDictionary<string, object?> map = new(Math.Min(entries, AmqpLimits.TrustedCount), StringComparer.Ordinal);
        for (int i = 0; i < entries; i++)
        {
            string key = reader.ReadString();
            if (!map.TryAdd(key, reader.ReadValue()))
                AmqpCodecException.ThrowDecodeError($"The key '{key}' is there twice (AMQP 1.0 part 1, 1.6.23).");
        }

        if (reader.Position != end)
            AmqpCodecException.ThrowDecodeError("The map's size and its entries differ.");
        return map;
    }
}
