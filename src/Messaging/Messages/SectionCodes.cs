using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <summary>The descriptors of message sections (AMQP 1.0 part 3, 3.2). Symbolic ones are accepted, numeric ones are sent.</summary>
internal static class SectionCodes
{
    /// <summary>How deep sections may nest: a map or sequence section is one level around values that the writer allows the full depth.</summary>
    public const int MaxDepth = AmqpLimits.MaxDepth + 1;

    /// <summary>Reads a section's descriptor; the reader stands before its value then.</summary>
    /// <exception cref="AmqpCodecException">There is no descriptor, or it is none of a section.</exception>
    public static ulong Read(ref AmqpReader reader)
    {
        int position = reader.Position;
        if (!reader.TryReadDescriptor(out Descriptor descriptor))
            AmqpCodecException.ThrowDecodeError($"A message consists of described sections (AMQP 1.0 part 3, 3.2), but byte {position} begins a plain value.");
        ulong code = descriptor.IsSymbolic ? FromName(descriptor.Name.Value) : descriptor.Code;
        if (code is < Codes.Header or > Codes.Footer)
            AmqpCodecException.ThrowDecodeError($"{descriptor} at byte {position} is no message section (AMQP 1.0 part 3, 3.2).");
        return code;
    }

    /// <summary>Reads the descriptor and leaves the reader before it.</summary>
    public static ulong Peek(AmqpReader reader) => Read(ref reader);

    public static bool IsBody(ulong code) => code is >= Codes.Data and <= Codes.AmqpValue;

    /// <summary>The section's name for error messages.</summary>
    public static string Name(ulong code) => code switch
    {
        Codes.Header => "header",
        Codes.DeliveryAnnotations => "delivery-annotations",
        Codes.MessageAnnotations => "message-annotations",
        Codes.Properties => "properties",
        Codes.ApplicationProperties => "application-properties",
        Codes.Data => "data",
        Codes.AmqpSequence => "amqp-sequence",
        Codes.AmqpValue => "amqp-value",
        _ => "footer",
    };

    private static ulong FromName(string name) => name switch
    {
        "amqp:header:list" => Codes.Header,
        "amqp:delivery-annotations:map" => Codes.DeliveryAnnotations,
        "amqp:message-annotations:map" => Codes.MessageAnnotations,
        "amqp:properties:list" => Codes.Properties,
        "amqp:application-properties:map" => Codes.ApplicationProperties,
        "amqp:data:binary" => Codes.Data,
        "amqp:amqp-sequence:list" => Codes.AmqpSequence,
        "amqp:amqp-value:*" => Codes.AmqpValue,
        "amqp:footer:map" => Codes.Footer,
        _ => 0,
    };
}
