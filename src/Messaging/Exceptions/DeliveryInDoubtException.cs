using Messaging.Amqp;

namespace Messaging;

/// <summary>A message was sent and its outcome will never be known: the link, session or connection ended before the peer settled it.</summary>
public sealed class DeliveryInDoubtException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, what the peer said, and what to do next.</param>
    /// <param name="error">The AMQP error behind it, if any.</param>
    /// <param name="isTransient">Whether trying again later can help.</param>
    /// <param name="innerException">The cause, if any.</param>
    public DeliveryInDoubtException(string message, AmqpError? error = null, bool isTransient = false, Exception? innerException = null)
        : base(message, error, isTransient, innerException)
    {
    }
}
