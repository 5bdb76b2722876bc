using Messaging.Amqp;

namespace Messaging;

/// <summary>Authentication failed: the peer refused the credentials, or no mechanism is acceptable to both sides (AMQP 1.0 part 5, 5.3).</summary>
public sealed class SaslException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, what the peer said, and what to do next.</param>
    /// <param name="error">The AMQP error behind it, if any.</param>
    /// <param name="isTransient">Whether trying again later can help.</param>
    /// <param name="innerException">The cause, if any.</param>
    public SaslException(string message, AmqpError? error = null, bool isTransient = false, Exception? innerException = null)
        : base(message, error, isTransient, innerException)
    {
    }
}
