using Messaging.Amqp;

namespace Messaging;

/// <summary>A connection could not be made or listened for, or an established one was lost or closed with an error (AMQP 1.0 part 2, 2.4).</summary>
/// <remarks>The message names the URL or the endpoints, what happened to each address that was tried, and what the peer said.</remarks>
public sealed class MessagingConnectionException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What happened, to which connection, what the peer said, and what to do next. Never holds a secret.</param>
    /// <param name="error">The AMQP error behind it, the peer's or ours; <see langword="null"/> when the network failed without one.</param>
    /// <param name="isTransient">Whether connecting again later can help; true for everything that the network does.</param>
    /// <param name="innerException">The cause, if any; often a <see cref="System.Net.Sockets.SocketException"/>.</param>
    public MessagingConnectionException(string message, AmqpError? error = null, bool isTransient = true, Exception? innerException = null)
        : base(message, error, isTransient, innerException)
    {
    }
}
