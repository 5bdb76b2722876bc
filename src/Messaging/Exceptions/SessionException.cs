using Messaging.Amqp;

namespace Messaging;

/// <summary>A session ended or could not be begun (AMQP 1.0 part 2, 2.5).</summary>
public sealed class SessionException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, what the peer said, and what to do next.</param>
    /// <param name="error">The AMQP error behind it, if any.</param>
    /// <param name="isTransient">Whether trying again later can help.</param>
    /// <param name="innerException">The cause, if any.</param>
    public SessionException(string message, AmqpError? error = null, bool isTransient = false, Exception? innerException = null)
        : base(message, error, isTransient, innerException)
    {
    }
}
