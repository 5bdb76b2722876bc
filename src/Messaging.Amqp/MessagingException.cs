using Messaging.Amqp;

namespace Messaging;

/// <summary>The root of every exception that the SDK throws for something that happened on the wire or at the peer.</summary>
/// <remarks>Wrong use of the API throws the BCL's own exceptions (<see cref="ArgumentException"/>, <see cref="InvalidOperationException"/>, <see cref="ObjectDisposedException"/>).</remarks>
public abstract class MessagingException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, where, what the peer said, and what to do next. Never holds a secret.</param>
    /// <param name="error">The AMQP error behind it, the peer's or ours; <see langword="null"/> when there is none.</param>
    /// <param name="isTransient">Whether the same call may succeed when it is tried again later.</param>
    /// <param name="innerException">The cause, if any.</param>
    protected MessagingException(string message, AmqpError? error = null, bool isTransient = false, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        IsTransient = isTransient;
    }

    /// <summary>The AMQP error (part 2, 2.8.14) that ended the operation, or <see langword="null"/>.</summary>
    public AmqpError? Error { get; }

    /// <summary>Whether trying again later can help: true for lost connections and exhausted resources, false for refusals that stay.</summary>
    public bool IsTransient { get; }
}
