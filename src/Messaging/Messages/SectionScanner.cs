using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <summary>Finds the sections of an encoded message without decoding them, and checks their order (AMQP 1.0 part 3, 3.2).</summary>
/// <remarks>
/// Order, duplicates and mixed bodies are strict: no peer we know sends them wrong. One leniency: a message without a body section is taken,
/// since RabbitMQ and Proton let applications send one.
/// </remarks>
internal static class SectionScanner
{
    /// <summary>Finds the sections of <c>array[start..end]</c>.</summary>
    /// <param name="array">Holds the message.</param>
    /// <param name="start">Its first byte.</param>
    /// <param name="end">Behind its last byte.</param>
    /// <param name="kind">What the body is made of.</param>
    /// <exception cref="AmqpCodecException">The bytes are no sequence of sections, or their order or number is wrong.</exception>
    public static SectionMap Scan(byte[] array, int start, int end, out MessageBodyKind kind)
    {
        SectionMap map = new(start, end) { BareStart = end, BodyStart = end };
        AmqpReader reader = new(array.AsSpan(start, end - start), SectionCodes.MaxDepth);
        ulong last = 0;
        int bodySections = 0;
        kind = MessageBodyKind.None;
        while (!reader.End)
        {
            int position = reader.Position;
            ulong code = SectionCodes.Read(ref reader);
            CheckOrder(code, last, position);
            Mark(ref map, code, last, start + position);
            if (SectionCodes.IsBody(code))
            {
                kind = KindOf(code);
                CheckCount(++bodySections);
            }

            Skip(ref reader, code);
            last = code;
        }

        return map;
    }

    private static void Mark(ref SectionMap map, ulong code, ulong last, int position)
    {
        if (code >= Codes.Properties && last < Codes.Properties)
            map.BareStart = position;
        if (code >= Codes.Data && last < Codes.Data)
            map.BodyStart = position;
        if (code == Codes.Footer)
            map.BodyEnd = position;
    }

    private static MessageBodyKind KindOf(ulong code) => code switch
    {
        Codes.Data => MessageBodyKind.Data,
        Codes.AmqpSequence => MessageBodyKind.Sequence,
        _ => MessageBodyKind.Value,
    };

    private static void Skip(ref AmqpReader reader, ulong code)
    {
        try
        {
            reader.Skip();
        }
        catch (AmqpCodecException e)
        {
            throw Malformed(code, e);
        }
    }

    /// <summary>The error of a section, with the section's name in front of what is wrong in it.</summary>
    public static AmqpCodecException Malformed(ulong code, AmqpCodecException cause) =>
        new(cause.Error?.Condition ?? ErrorCondition.DecodeError, $"The message's {SectionCodes.Name(code)} section is malformed: {cause.Message}", cause);

    private static void CheckOrder(ulong code, ulong last, int position)
    {
        if (code == last && (code is Codes.Data or Codes.AmqpSequence))
            return;
        if (code == last)
            AmqpCodecException.ThrowDecodeError($"The message has a second {SectionCodes.Name(code)} section at byte {position} (AMQP 1.0 part 3, 3.2).");
        if (code < last || (SectionCodes.IsBody(code) && SectionCodes.IsBody(last)))
            AmqpCodecException.ThrowDecodeError($"The message's {SectionCodes.Name(code)} section at byte {position} may not follow {SectionCodes.Name(last)} (AMQP 1.0 part 3, 3.2).");
    }

    private static void CheckCount(int count)
    {
        if (count > Message.MaxBodySections)
            AmqpCodecException.ThrowDecodeError($"The message has more than {Message.MaxBodySections} body sections.");
    }
}
