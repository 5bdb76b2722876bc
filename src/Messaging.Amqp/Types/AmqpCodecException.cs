using System.Diagnostics.CodeAnalysis;

namespace Messaging.Amqp;

/// <summary>Bytes from the peer do not form a valid value: the only exception that decoding throws.</summary>
/// <remarks><see cref="MessagingException.Error"/> is <c>amqp:decode-error</c> for bytes that do not parse or have the wrong type, <c>amqp:invalid-field</c> for a field that is missing or has a value that is not allowed.</remarks>
public sealed class AmqpCodecException : MessagingException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="condition">The condition of <see cref="MessagingException.Error"/>.</param>
    /// <param name="message">What is wrong with the bytes, and where.</param>
    /// <param name="innerException">The cause, if any.</param>
    public AmqpCodecException(Symbol condition, string message, Exception? innerException = null)
        : base(message, new AmqpError(condition, message), isTransient: false, innerException)
    {
    }

    /// <summary>Throws amqp:decode-error.</summary>
    [DoesNotReturn]
    internal static void ThrowDecodeError(string message) => throw new AmqpCodecException(ErrorCondition.DecodeError, message);

    /// <summary>Throws amqp:invalid-field.</summary>
    [DoesNotReturn]
    internal static void ThrowInvalidField(string message) => throw new AmqpCodecException(ErrorCondition.InvalidField, message);
}
