using Messaging.Amqp;

namespace Messaging;

/// <summary>A received message can no longer be settled: the link, session or connection that brought it is gone. The peer will deliver it again, unless its settlement had arrived.</summary>
public sealed class DeliveryLostException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, what the peer said, and what to do next.</param>
    /// <param name="error">The AMQP error behind it, if any.</param>
    /// <param name="isTransient">Whether trying again later can help.</param>
    /// <param name="innerException">The cause, if any.</param>
    public DeliveryLostException(string message, AmqpError? error = null, bool isTransient = false, Exception? innerException = null)
        : base(message, error, isTransient, innerException)
    {
    }
}
