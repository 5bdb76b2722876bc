using System.Runtime.InteropServices;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging;

/// <content>Passing a message on as it is, and keeping it.</content>
public sealed partial class Message
{
    // Below this a copy costs less than taking a buffer out of the pool.
    private const int AlwaysCopy = 4096;

    /// <summary>The bytes of the bare message (AMQP 1.0 part 3, 3.2): properties, application properties and body, and the footer behind them, as they were received.</summary>
    /// <value>
    /// What an intermediary sends on unchanged, through <see cref="FromEncoded"/>, with its own header and annotations. It may be kept for ever: at first
    /// access the bytes leave the receive buffer, by one copy or, for large messages that fill it well, together with it. Changes made through setters or
    /// maps are not in it. On a message that was not received it is encoded anew at every access.
    /// </value>
    /// <exception cref="AmqpCodecException">The received message is malformed.</exception>
    /// <exception cref="ArgumentException">A message that was not received holds a value of an unsupported type.</exception>
    /// <exception cref="ObjectDisposedException">First access after the stream advanced or the delivery was disposed, when <see cref="Body"/> or <see cref="Data"/> had been read before that.</exception>
    public ReadOnlyMemory<byte> Encoded
    {
        get
        {
            if ((_state & (MessageState.AllDecoded | MessageState.BodyGone)) == MessageState.AllDecoded && _source is null)
                return EncodeBare();
            Enter();
            try
            {
                return EncodedLocked();
            }
            finally
            {
                Exit();
            }
        }
    }

    /// <summary>A message that is sent with exactly these bytes behind a header and annotations of its own: what an intermediary needs (AMQP 1.0 part 3, 3.2).</summary>
    /// <param name="bareMessage">
    /// Properties, application properties, body and footer sections, usually from <see cref="Encoded"/>. Not copied and not checked: they must not change any more.
    /// They are decoded when they are looked at.
    /// </param>
    /// <returns>A message whose header, delivery annotations and message annotations are empty and can be set; the rest is read-only.</returns>
    /// <exception cref="ArgumentException">The bytes begin with a header or annotations.</exception>
    /// <exception cref="AmqpCodecException">The bytes do not begin with a message section.</exception>
    public static Message FromEncoded(ReadOnlyMemory<byte> bareMessage)
    {
        if (!MemoryMarshal.TryGetArray(bareMessage, out ArraySegment<byte> bytes) || bytes.Array is null)
            bytes = bareMessage.ToArray();
        AmqpReader reader = new(bytes);
        if (!reader.End && SectionCodes.Read(ref reader) < Codes.Properties)
            throw MessageErrors.NotBare(nameof(bareMessage));
        return new(bytes.Array!, new SectionMap(bytes.Offset, bytes.Offset + bytes.Count), MessageState.HeadDecoded | MessageState.Sealed);
    }

    /// <summary>A copy that shares no memory with the receive buffer and never expires, with all sections, changes included.</summary>
    /// <returns>The copy.</returns>
    /// <remarks>The bytes of data sections are copied; values that the application put into the message are shared with the copy.</remarks>
    /// <exception cref="ObjectDisposedException">The stream advanced or the delivery was disposed, <see cref="Data"/> was used before that and <see cref="Body"/> was not.</exception>
    public Message ToOwned()
    {
        Enter();
        try
        {
            Message copy = CopyLocked();
            copy.MessageFormat = MessageFormat;
            copy._header = _header;
            copy._priority = _priority;
            copy._ttl = _ttl;
            copy._deliveryCount = _deliveryCount;
            copy._properties = _properties is null ? null : new PropertiesBox { Value = _properties.Value };
            copy._sections = CopySectionsLocked();
            return copy;
        }
        finally
        {
            Exit();
        }
    }

    private Message CopyLocked()
    {
        bool bodyGone = Has(MessageState.BodyGone);
        if (bodyGone && !Has(MessageState.BodyDecoded))
            throw MessageErrors.BodyGone();
        if (_source is null)
            return new Message(_kind, MessageBody.Copy(_kind, _body));

        // The copy decodes the body from its own bytes where it can.
        byte[] bytes = SourceLocked().AsSpan(_map.Start, _map.End - _map.Start).ToArray();
        return new Message(bytes, _map.Rebased(), bodyGone ? _state : _state & ~MessageState.BodyDecoded)
        {
            _kind = _kind,
            _body = bodyGone ? MessageBody.Copy(_kind, _body) : null,
        };
    }

    private MessageSections? CopySectionsLocked() => _sections is not { } sections
        ? null
        : new MessageSections
        {
            DeliveryAnnotations = CopyMap(sections.DeliveryAnnotations),
            MessageAnnotations = CopyMap(sections.MessageAnnotations),
            ApplicationProperties = Protect(CopyMap(sections.ApplicationProperties)),
            Footer = Protect(CopyMap(sections.Footer)),
        };

    private static OrderedDictionary<TKey, object?>? CopyMap<TKey>(IDictionary<TKey, object?>? map)
        where TKey : notnull => map is null ? null : new OrderedDictionary<TKey, object?>(map);

    private ReadOnlyMemory<byte> EncodedLocked()
    {
        if (Has(MessageState.BodyGone))
            throw MessageErrors.EncodedGone();
        if (!IsSealed)
            ScanLocked();
        if (_source is PayloadBlock block)
            LeavePoolLocked(block);
        return ((byte[])_source!).AsMemory(_map.BareStart, _map.End - _map.BareStart);
    }

    private void LeavePoolLocked(PayloadBlock block)
    {
        int length = _map.End - _map.BareStart;
        bool fillsBlock = length > AlwaysCopy && length >= block.Array.Length / 4 * 3;
        if (fillsBlock || _sections?.View is not null)
        {
            _source = block.Detach();
            return;
        }

        DecodeHeadLocked();
        _source = block.Array.AsSpan(_map.BareStart, length).ToArray();
        _map = _map.RebasedBare();
        block.Return();
    }

    private byte[] EncodeBare()
    {
        using AmqpWriter writer = new();
        WriteBareLocked(writer, duplicateId: null);
        return writer.WrittenSpan.ToArray();
    }
}
