namespace Messaging.Amqp.Framing;

/// <summary>Makes the exceptions for frames that cannot be understood. Text of the peer is escaped and cut.</summary>
internal static class CodecErrors
{
    /// <summary>Bytes that do not parse, or a value of the wrong type.</summary>
    public static AmqpCodecException Decode(string message) => new(ErrorCondition.DecodeError, message);

    /// <summary>A field that is missing, or whose value is not allowed.</summary>
    public static AmqpCodecException InvalidField(string message) => new(ErrorCondition.InvalidField, message);

    /// <summary>The same error, with the composite and the field where it was found put in front of it.</summary>
    public static AmqpCodecException At(Symbol composite, string? field, AmqpCodecException error)
    {
        string place = field is null ? DescriptorNames.Short(composite) : $"{DescriptorNames.Short(composite)}.{field}";
        return new AmqpCodecException(error.Error?.Condition ?? ErrorCondition.DecodeError, $"{place}: {error.Message}", error.InnerException);
    }

    public static AmqpCodecException UnknownDescriptor(string expected, in Descriptor descriptor) =>
        Decode($"The descriptor {PeerText.Escape(descriptor.ToString())} is not {expected} that is implemented here.");
}
