using Messaging.Amqp;

namespace Messaging;

/// <summary>Authentication failed: the peer refused the credentials, no mechanism is acceptable to both sides, or the peer is not what it says it is (AMQP 1.0 part 5, 5.3).</summary>
public sealed class SaslException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="message">What happened, where, what the peer said, and what to do next. Never holds a secret.</param>
    /// <param name="error">The AMQP error behind it, if any.</param>
    /// <param name="isTransient">Whether trying again later can help; <see langword="null"/> for what <paramref name="failure"/> says.</param>
    /// <param name="innerException">The cause, if any.</param>
    public SaslException(SaslFailure failure, string message, AmqpError? error = null, bool? isTransient = null, Exception? innerException = null)
        : base(message, error, isTransient ?? IsPassing(failure), innerException)
    {
        Failure = failure;
    }

    /// <summary>Why the authentication failed.</summary>
    public SaslFailure Failure { get; }

    private static bool IsPassing(SaslFailure failure) => failure is SaslFailure.ServerUnavailable or SaslFailure.CredentialsUnavailable or SaslFailure.Timeout;
}
