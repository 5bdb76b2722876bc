using System.Collections;

namespace Messaging;

/// <summary>An AMQP message: header, annotations, properties, body and footer (AMQP 1.0 part 3, 3.2).</summary>
/// <remarks>
/// <para>To send, create one and set what it needs; it is encoded before <c>SendAsync</c> returns its task and may be reused after that.</para>
/// <para>
/// A received message is decoded when it is first looked at, on the thread that looks. What was read never changes and never throws later: not after
/// settling, advancing, closing or the loss of the connection. The one exception is <see cref="Data"/>, an opt-in view of the receive buffer.
/// Malformed bytes throw <see cref="Amqp.AmqpCodecException"/> at the first access of the section that is malformed.
/// </para>
/// <para>Several threads may read one message at the same time. Changing it (setters, dictionaries) is not synchronised.</para>
/// </remarks>
public sealed partial class Message
{
    /// <summary>The most data or amqp-sequence sections that a message may have.</summary>
    internal const int MaxBodySections = 10_000;

    // What the undecoded sections are read from: a PayloadBlock (pooled), a byte[] (never reused) or null (nothing is left to decode).
    private object? _source;

    // See MessageBody for its forms.
    private object? _body;
    private PropertiesBox? _properties;
    private MessageSections? _sections;

    // Where the sections of _source begin: the whole, the bare message, the body, what follows the body, and the end.
    private SectionMap _map;
    private uint _ttl;
    private uint _deliveryCount;
    private int _gate;
    private volatile MessageState _state;
    private byte _priority = DefaultPriority;
    private HeaderFlags _header;
    private MessageBodyKind _kind;

    /// <summary>Creates a message whose body is an amqp-value of null: the smallest body that every peer takes.</summary>
    public Message()
        : this(MessageBodyKind.Value, null)
    {
    }

    /// <summary>Creates a message with a body.</summary>
    /// <param name="body">
    /// <c>byte[]</c>, <see cref="ReadOnlyMemory{T}"/> and <see cref="Memory{T}"/> of bytes become one data section; they are not copied until the message is encoded, so leave
    /// them alone until then. Everything else, null included, becomes an amqp-value. Use <see cref="FromValue"/>, <see cref="FromData(IEnumerable{ReadOnlyMemory{byte}})"/>
    /// or <see cref="FromSequence"/> for the other bodies. Types: null, bool, the integers, float, double, the AMQP decimals (decimal becomes decimal128), char,
    /// Rune, string, Symbol, Guid, DateTime, DateTimeOffset, AmqpTimestamp, lists, dictionaries, arrays of these, AmqpArray, Described.
    /// </param>
    /// <exception cref="ArgumentException">
    /// AMQP has no type for <paramref name="body"/>; serialise it to <c>byte[]</c> or <c>string</c> first. A value inside a list or map is checked when the message is encoded.
    /// </exception>
    public Message(object? body)
        : this(BodyTypes.IsBinary(body) ? MessageBodyKind.Data : MessageBodyKind.Value, BodyTypes.Check(body))
    {
    }

    private Message(MessageBodyKind kind, object? body)
    {
        _kind = kind;
        _body = body;
        _state = MessageState.AllDecoded;
    }

    private Message(object source, SectionMap map, MessageState state)
    {
        _source = source;
        _map = map;
        _state = state;
    }

    /// <summary>The message format of the transfer (part 2, 2.7.5): 0, the default, is the format of AMQP 1.0 part 3.</summary>
    /// <remarks>Messages of other formats are passed on by their bytes (<see cref="Encoded"/>); their sections are read as if the format were 0.</remarks>
    public uint MessageFormat { get; set; }

    /// <summary>A message with one data section for each of the given memories (3.2.6).</summary>
    /// <param name="sections">One to 10,000 memories. They are not copied until the message is encoded, so leave them alone until then.</param>
    /// <returns>The message.</returns>
    /// <exception cref="ArgumentException">There are none, or too many.</exception>
    public static Message FromData(params ReadOnlySpan<ReadOnlyMemory<byte>> sections) => new(MessageBodyKind.Data, MessageBody.OfData(sections.ToArray()));

    /// <inheritdoc cref="FromData(ReadOnlySpan{ReadOnlyMemory{byte}})"/>
    public static Message FromData(IEnumerable<ReadOnlyMemory<byte>> sections)
    {
        ArgumentNullException.ThrowIfNull(sections);
        return new(MessageBodyKind.Data, MessageBody.OfData([.. sections]));
    }

    /// <summary>A message with one amqp-sequence section (3.2.7).</summary>
    /// <param name="sequence">The elements, of the types that <see cref="Message(object?)"/> lists; checked and written when the message is encoded.</param>
    /// <returns>The message.</returns>
    public static Message FromSequence(IList sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        return new(MessageBodyKind.Sequence, sequence);
    }

    /// <summary>A message with one amqp-sequence section for each of the given lists (3.2.7).</summary>
    /// <param name="sequences">One to 10,000 lists, see <see cref="FromSequence"/>.</param>
    /// <returns>The message.</returns>
    /// <exception cref="ArgumentException">There are none, or too many, or one of them is null.</exception>
    public static Message FromSequences(IEnumerable<IList> sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        return new(MessageBodyKind.Sequence, MessageBody.OfSequences([.. sequences]));
    }

    /// <summary>A message with one amqp-value section (3.2.8), also where <see cref="Message(object?)"/> would choose a data section.</summary>
    /// <param name="value">Any supported value: <c>byte[]</c> and <see cref="ReadOnlyMemory{T}"/> of bytes become a binary, null the null value.</param>
    /// <returns>The message.</returns>
    /// <exception cref="ArgumentException">AMQP has no type for <paramref name="value"/>.</exception>
    public static Message FromValue(object? value) => new(MessageBodyKind.Value, BodyTypes.Check(value));

    /// <summary>A short summary for logs: ids, subject and the first 64 characters of the body, without user-id and without the bytes of data sections.</summary>
    public override string ToString() => MessageText.Of(this);
}
