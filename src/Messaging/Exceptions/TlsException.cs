using Messaging.Amqp;

namespace Messaging;

/// <summary>TLS could not be established: the certificate is not trusted, is not for this host or has expired, or the two sides have no version in common (AMQP 1.0 part 5, 5.2).</summary>
public sealed class TlsException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, what the peer said, and what to do next.</param>
    /// <param name="error">The AMQP error behind it, if any.</param>
    /// <param name="isTransient">Whether trying again later can help.</param>
    /// <param name="innerException">The cause, if any.</param>
    public TlsException(string message, AmqpError? error = null, bool isTransient = false, Exception? innerException = null)
        : base(message, error, isTransient, innerException)
    {
    }
}
