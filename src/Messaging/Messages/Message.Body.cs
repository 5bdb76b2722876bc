using System.Buffers;
using System.Collections;

namespace Messaging;

/// <content>The body (AMQP 1.0 part 3, 3.2.6 to 3.2.8).</content>
public sealed partial class Message
{
    /// <summary>What <see cref="Body"/> is made of.</summary>
    public MessageBodyKind BodyKind
    {
        get
        {
            EnsureScanned();
            return _kind;
        }
    }

    /// <summary>The body.</summary>
    /// <value>
    /// <see cref="MessageBodyKind.Value"/>: the value, null included. <see cref="MessageBodyKind.Data"/>: a <c>byte[]</c>, copied at first access, or for several
    /// sections an <see cref="IReadOnlyList{T}"/> of <c>byte[]</c>. <see cref="MessageBodyKind.Sequence"/>: an <see cref="IList"/>, or for several sections an
    /// <see cref="IReadOnlyList{T}"/> of <see cref="IList"/>. <see cref="MessageBodyKind.None"/>: null. <see cref="DataSections"/> and <see cref="SequenceSections"/>
    /// have one shape whatever the number of sections. Later calls give the same object.
    /// </value>
    /// <exception cref="Amqp.AmqpCodecException">The body of a received message is malformed.</exception>
    /// <exception cref="ObjectDisposedException"><see cref="Data"/> was used, and <see cref="Body"/> is read for the first time after the stream advanced or the delivery was disposed.</exception>
    public object? Body
    {
        get
        {
            if (!Has(MessageState.BodyDecoded))
                Decode(MessageState.BodyDecoded);
            object? body = _body;
            if (_kind != MessageBodyKind.Data || body is byte[])
                return body;
            object? own = MessageBody.Materialize(_kind, body);
            return ReferenceEquals(own, body) || ReferenceEquals(Interlocked.CompareExchange(ref _body, own, body), body) ? own : _body;
        }
    }

    /// <summary>The bytes of the data sections, one entry each; empty for other bodies.</summary>
    /// <remarks>Reads <see cref="Body"/>, so the entries stay valid for ever.</remarks>
    public IReadOnlyList<ReadOnlyMemory<byte>> DataSections => BodyKind != MessageBodyKind.Data
        ? []
        : Body switch
        {
            byte[] bytes => [bytes],
            IReadOnlyList<byte[]> sections => [.. sections.Select(section => (ReadOnlyMemory<byte>)section)],
            _ => [],
        };

    /// <summary>The amqp-sequence sections, one entry each; empty for other bodies.</summary>
    public IReadOnlyList<IList> SequenceSections => BodyKind != MessageBodyKind.Sequence
        ? []
        : Body switch
        {
            IReadOnlyList<IList> sections and not IList => sections,
            IList sequence => [sequence],
            _ => [],
        };

    /// <summary>A view of the bytes of all data sections, without copying them.</summary>
    /// <value>
    /// On a received message it shows the receive buffer: valid until the stream advances or the delivery is disposed. After that the view and this property throw
    /// <see cref="ObjectDisposedException"/>, never showing another message's bytes. <see cref="ToOwned"/> keeps them. A span or pin taken from the view is
    /// not checked: do not hold one longer. On other messages it shows the message's own bytes, for ever. Empty for a message without a body.
    /// </value>
    /// <exception cref="InvalidOperationException">The body is a value or a sequence; use <see cref="Body"/>.</exception>
    /// <exception cref="ObjectDisposedException">The view ended.</exception>
    /// <exception cref="Amqp.AmqpCodecException">The message is malformed.</exception>
    public ReadOnlySequence<byte> Data
    {
        get
        {
            Enter();
            try
            {
                return ViewLocked();
            }
            finally
            {
                Exit();
            }
        }
    }

    /// <summary>The length of all data sections together, without making a view or a copy.</summary>
    internal long DataLength
    {
        get
        {
            Enter();
            try
            {
                bool encoded = !Has(MessageState.BodyDecoded | MessageState.BodyGone);
                return (encoded ? MessageBody.View(SourceLocked().AsMemory(_map.BodyStart, _map.BodyLength)) : MessageBody.View(_body)).Length;
            }
            finally
            {
                Exit();
            }
        }
    }

    private ReadOnlySequence<byte> ViewLocked()
    {
        if (_sections?.View is { IsExpired: true })
            throw MessageErrors.ViewExpired();
        ScanLocked();
        if (_kind == MessageBodyKind.None)
            return default;
        if (_kind != MessageBodyKind.Data)
            throw MessageErrors.NotData(_kind);
        if (!Has(MessageState.BodyGone) && _source is not null)
            return MessageBody.View(SourceMemoryLocked()[_map.BodyStart.._map.BodyEnd]);
        if (!Has(MessageState.BodyDecoded))
            throw MessageErrors.BodyGone();
        return MessageBody.View(_body);
    }

    // Bytes of a pooled block are only shown through a view that Release can end.
    private ReadOnlyMemory<byte> SourceMemoryLocked()
    {
        if (_source is not PayloadBlock block)
            return (byte[])_source!;
        return (Sections.View ??= new PayloadView(block.Array, block.Length)).Memory;
    }
}
