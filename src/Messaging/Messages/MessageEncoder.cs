using Messaging.Amqp;

namespace Messaging;

/// <summary>Encodes messages for transfer.</summary>
internal static class MessageEncoder
{
    /// <summary>Appends the message; the writer is as it was before when this throws.</summary>
    /// <remarks>
    /// A received message that is sent again carries all its sections, header and delivery annotations included. Its parts that nobody looked at
    /// are copied byte by byte, the others are encoded anew.
    /// </remarks>
    /// <param name="message">The message.</param>
    /// <param name="writer">Where it goes.</param>
    /// <param name="duplicateId">Marks the message for duplicate detection, unless it is marked already or its bare message is fixed; null for no mark.</param>
    /// <exception cref="ArgumentException">A value has a type that AMQP does not have, or an application property is not simple; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The bytes of a received message are gone, see <see cref="Message.Body"/>.</exception>
    public static void Encode(Message message, AmqpWriter writer, string? duplicateId = null) => message.Write(writer, duplicateId);
}
