namespace Messaging;

/// <summary>Which body sections a message has (AMQP 1.0 part 3, 3.2): a body is made of one kind of section only.</summary>
public enum MessageBodyKind : byte
{
    /// <summary>No body section. The specification asks for one, but some peers leave it out; only received messages are like this.</summary>
    None,

    /// <summary>One amqp-value section: a single value of any AMQP type (3.2.8).</summary>
    Value,

    /// <summary>One or more data sections: opaque bytes (3.2.6).</summary>
    Data,

    /// <summary>One or more amqp-sequence sections: lists of values (3.2.7).</summary>
    Sequence,
}
