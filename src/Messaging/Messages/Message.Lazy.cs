using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <content>Decoding at first access. Everything that touches <c>_source</c> holds the gate, since Release may come from another thread.</content>
public sealed partial class Message
{
    private bool IsSealed => Has(MessageState.Sealed);

    /// <summary>A received message, not decoded yet; it owns the block from now on, until <see cref="Release"/>.</summary>
    /// <param name="block">The whole payload of the delivery.</param>
    /// <param name="messageFormat">From the transfer's first frame.</param>
    internal static Message FromPayload(PayloadBlock block, uint messageFormat = 0) =>
        new(block, new SectionMap(0, block.Length), MessageState.None) { MessageFormat = messageFormat };

    // Any of the flags.
    private bool Has(MessageState flags) => (_state & flags) != MessageState.None;

    private void EnsureScanned()
    {
        if (!Has(MessageState.Scanned))
            Decode(MessageState.Scanned);
    }

    private void EnsureHead()
    {
        if (!Has(MessageState.HeadDecoded))
            Decode(MessageState.HeadDecoded);
    }

    private void EnsureTail()
    {
        if (!Has(MessageState.TailDecoded))
            Decode(MessageState.TailDecoded);
    }

    private void ThrowIfSealed()
    {
        if (IsSealed)
            throw MessageErrors.Sealed();
    }

    private void Decode(MessageState part)
    {
        Enter();
        try
        {
            ScanLocked();
            if (Has(part))
                return;   // another thread was faster
            switch (part)
            {
                case MessageState.HeadDecoded:
                    DecodeHeadLocked();
                    break;
                case MessageState.TailDecoded:
                    DecodeTailLocked();
                    break;
                default:
                    DecodeBodyLocked();
                    break;
            }
        }
        finally
        {
            Exit();
        }
    }

    private void ScanLocked()
    {
        if (Has(MessageState.Scanned))
            return;
        _map = SectionScanner.Scan(SourceLocked(), _map.Start, _map.End, out _kind);
        _state |= MessageState.Scanned;
    }

    private void DecodeHeadLocked()
    {
        if (Has(MessageState.HeadDecoded))
            return;
        if (_map.HeadLength > 0)
        {
            AmqpReader reader = new(SourceLocked().AsSpan(_map.Start, _map.HeadLength), SectionCodes.MaxDepth);
            while (!reader.End)
                ReadHeadSection(ref reader);
        }

        _state |= MessageState.HeadDecoded;
    }

    private void DecodeTailLocked()
    {
        if (_map.TailLength > 0)
        {
            byte[] source = SourceLocked();
            AmqpReader reader = new(source.AsSpan(_map.BareStart, _map.BodyStart - _map.BareStart), SectionCodes.MaxDepth);
            while (!reader.End)
                ReadTailSection(ref reader);
            reader = new AmqpReader(source.AsSpan(_map.BodyEnd, _map.End - _map.BodyEnd), SectionCodes.MaxDepth);
            while (!reader.End)
                ReadTailSection(ref reader);
        }

        _state |= MessageState.TailDecoded;
    }

    private void DecodeBodyLocked()
    {
        if (Has(MessageState.BodyGone))
            throw MessageErrors.BodyGone();
        try
        {
            _body = MessageBody.Read(SourceLocked().AsSpan(_map.BodyStart, _map.BodyLength), _kind);
        }
        catch (AmqpCodecException e)
        {
            throw SectionScanner.Malformed(SectionCodes.Peek(new AmqpReader(SourceLocked().AsSpan(_map.BodyStart, _map.BodyLength))), e);
        }

        _state |= MessageState.BodyDecoded;
    }

    private void ReadHeadSection(ref AmqpReader reader)
    {
        ulong code = SectionCodes.Peek(reader);
        try
        {
            if (code == Codes.Header)
                SetHeader(Composite.Read<MessageHeader>(ref reader));
            else if (code == Codes.DeliveryAnnotations)
                Sections.DeliveryAnnotations = SectionReader.ReadAnnotations(ref reader);
            else
                Sections.MessageAnnotations = SectionReader.ReadAnnotations(ref reader);
        }
        catch (AmqpCodecException e)
        {
            throw SectionScanner.Malformed(code, e);
        }
    }

    private void ReadTailSection(ref AmqpReader reader)
    {
        ulong code = SectionCodes.Peek(reader);
        try
        {
            if (code == Codes.Properties)
                _properties = new PropertiesBox { Value = Composite.Read<MessageProperties>(ref reader) };
            else if (code == Codes.ApplicationProperties)
                Sections.ApplicationProperties = Protect(SectionReader.ReadApplicationProperties(ref reader));
            else
                Sections.Footer = Protect(SectionReader.ReadAnnotations(ref reader));
        }
        catch (AmqpCodecException e)
        {
            throw SectionScanner.Malformed(code, e);
        }
    }

    private void SetHeader(in MessageHeader header)
    {
        _priority = header.Priority ?? DefaultPriority;
        _ttl = header.Ttl ?? 0;
        _deliveryCount = header.DeliveryCount ?? 0;
        _header = (header.Durable == true ? HeaderFlags.Durable : HeaderFlags.None)
            | (header.FirstAcquirer == true ? HeaderFlags.FirstAcquirer : HeaderFlags.None)
            | (header.Ttl.HasValue ? HeaderFlags.HasTtl : HeaderFlags.None);
    }

    private byte[] SourceLocked() => _source switch
    {
        PayloadBlock block => block.Array,
        byte[] bytes => bytes,
        _ => throw MessageErrors.NeverTaken(),
    };

    // A gate of one field instead of a lock on a heap object keeps the message small; it is held for one decoding step at most.
    private void Enter()
    {
        if (Interlocked.CompareExchange(ref _gate, 1, 0) != 0)
            EnterSlowly();
    }

    private void EnterSlowly()
    {
        SpinWait spinner = default;
        do
            spinner.SpinOnce();
        while (Interlocked.CompareExchange(ref _gate, 1, 0) != 0);
    }

    private void Exit() => Volatile.Write(ref _gate, 0);
}
