using Messaging.Amqp;

namespace Messaging;

/// <summary>A link ended or could not be attached (AMQP 1.0 part 2, 2.6).</summary>
public sealed class LinkException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, what the peer said, and what to do next.</param>
    /// <param name="error">The AMQP error behind it, if any.</param>
    /// <param name="isTransient">Whether trying again later can help.</param>
    /// <param name="innerException">The cause, if any.</param>
    public LinkException(string message, AmqpError? error = null, bool isTransient = false, Exception? innerException = null)
        : base(message, error, isTransient, innerException)
    {
    }
}
