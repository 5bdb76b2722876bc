namespace Messaging.Amqp.Framing;

/// <summary>The limit of delivery tags (AMQP 1.0 part 2, 2.8.7).</summary>
internal static class DeliveryTags
{
    public const int MaxLength = 32;

    /// <exception cref="AmqpCodecException">amqp:invalid-field: the peer's tag is too long.</exception>
    public static void CheckTheirs(ReadOnlySpan<byte> tag)
    {
        if (tag.Length > MaxLength)
            throw CodecErrors.InvalidField($"a delivery tag has at most {MaxLength} bytes, this one has {tag.Length}.");
    }

    /// <exception cref="ArgumentException">Our tag is too long.</exception>
    public static void CheckOurs(ReadOnlySpan<byte> tag)
    {
        if (tag.Length > MaxLength)
            throw new ArgumentException($"A delivery tag has at most {MaxLength} bytes, this one has {tag.Length}.", nameof(tag));
    }
}
