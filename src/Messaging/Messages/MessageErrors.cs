namespace Messaging;

/// <summary>What a message says when it is used wrongly.</summary>
internal static class MessageErrors
{
    public static ObjectDisposedException ViewExpired() => new(
        nameof(Message),
        "The view Message.Data ended when the stream advanced or the delivery was disposed. Use Message.ToOwned(), or read Message.Body, before that to keep the bytes.");

    public static ObjectDisposedException BodyGone() => new(
        nameof(Message),
        "The body was not read before the stream advanced or the delivery was disposed, and Message.Data had been used, which lets the receive buffer be reused. Read Message.Body or use Message.ToOwned() before that.");

    public static ObjectDisposedException EncodedGone() => new(
        nameof(Message),
        "The message's bytes were given back when the stream advanced or the delivery was disposed. Read Message.Encoded or use Message.ToOwned() before that.");

    public static ObjectDisposedException NeverTaken() => new(nameof(Message), "The message was never handed out and its receive buffer was given back.");

    public static InvalidOperationException Sealed() => new(
        "The bare message of Message.FromEncoded is sent byte by byte and cannot be changed (AMQP 1.0 part 3, 3.2): set header and annotations, or create a new Message.");

    public static InvalidOperationException NotData(MessageBodyKind kind) => new(
        $"Message.Data is for bodies of data sections, this body is of kind {kind}: use Message.Body.");

    public static ArgumentException NoSections(string parameter) => new("A body has one section at least (AMQP 1.0 part 3, 3.2).", parameter);

    public static ArgumentException TooManySections(int count, string parameter) => new(
        $"A message has {Message.MaxBodySections} body sections at most, not {count}.", parameter);

    public static ArgumentException NotBare(string parameter) => new(
        "The bytes begin with a header or annotations section. Message.FromEncoded takes the bare message, as Message.Encoded gives it: set header and annotations on the result.", parameter);
}
