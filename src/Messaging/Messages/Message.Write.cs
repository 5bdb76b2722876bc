using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <content>Encoding: sections in the order of AMQP 1.0 part 3, 3.2; what was not decoded is passed on by its bytes.</content>
public sealed partial class Message
{
    /// <summary>By this application property Artemis knows a message that it got before.</summary>
    internal const string DuplicateIdProperty = "_AMQ_DUPL_ID";

    /// <summary>See <see cref="MessageEncoder.Encode"/>.</summary>
    internal void Write(AmqpWriter writer, string? duplicateId = null)
    {
        if (duplicateId is not null && !IsSealed)
            _ = ApplicationProperties; // where one more is to be written, the others must be known
        int start = writer.Length;
        bool decoded = (_state & (MessageState.AllDecoded | MessageState.Sealed)) == MessageState.AllDecoded;
        if (!decoded)
            Enter();   // only then the source is read
        try
        {
            WriteHeadLocked(writer);
            WriteBareLocked(writer, duplicateId);
        }
        catch
        {
            writer.Truncate(start);
            throw;
        }
        finally
        {
            if (!decoded)
                Exit();
        }
    }

    private void WriteHeadLocked(AmqpWriter writer)
    {
        if (!Has(MessageState.HeadDecoded))
        {
            WriteSourceLocked(writer, _map.Start, _map.BareStart);
            return;
        }

        WriteHeader(writer);
        if (_sections is not { } sections)
            return;
        SectionWriter.WriteAnnotations(writer, Codes.DeliveryAnnotations, sections.DeliveryAnnotations);
        SectionWriter.WriteAnnotations(writer, Codes.MessageAnnotations, sections.MessageAnnotations);
    }

    private void WriteHeader(AmqpWriter writer)
    {
        if (_header == HeaderFlags.None && _priority == DefaultPriority && _deliveryCount == 0)
            return;
        MessageHeader header = new()
        {
            Durable = (_header & HeaderFlags.Durable) != HeaderFlags.None ? true : null,
            Priority = _priority != DefaultPriority ? _priority : null,
            Ttl = (_header & HeaderFlags.HasTtl) != HeaderFlags.None ? _ttl : null,
            FirstAcquirer = (_header & HeaderFlags.FirstAcquirer) != HeaderFlags.None ? true : null,
            DeliveryCount = _deliveryCount != 0 ? _deliveryCount : null,
        };
        Composite.Write(writer, header);
    }

    private void WriteBareLocked(AmqpWriter writer, string? duplicateId)
    {
        const MessageState Decoded = MessageState.TailDecoded | MessageState.BodyDecoded | MessageState.BodyGone;
        if (IsSealed || !Has(Decoded))
        {
            WriteSourceLocked(writer, _map.BareStart, _map.End);
            return;
        }

        bool tail = Has(MessageState.TailDecoded);
        if (tail)
            WriteProperties(writer, duplicateId);
        else
            WriteSourceLocked(writer, _map.BareStart, _map.BodyStart);

        if (Has(MessageState.BodyDecoded))
            SectionWriter.WriteBody(writer, _kind, _body);
        else if (!Has(MessageState.BodyGone))
            WriteSourceLocked(writer, _map.BodyStart, _map.BodyEnd);
        else
            throw MessageErrors.BodyGone();

        if (tail)
            SectionWriter.WriteAnnotations(writer, Codes.Footer, _sections?.Footer);
        else
            WriteSourceLocked(writer, _map.BodyEnd, _map.End);
    }

    private void WriteProperties(AmqpWriter writer, string? duplicateId)
    {
        if (_properties is { } properties && !properties.IsEmpty)
            Composite.Write(writer, properties.Value);
        SectionWriter.WriteApplicationProperties(writer, _sections?.ApplicationProperties, duplicateId);
    }

    private void WriteSourceLocked(AmqpWriter writer, int start, int end)
    {
        if (end > start)
            writer.WriteRaw(SourceLocked().AsSpan(start, end - start));
    }
}
