using System.Diagnostics.CodeAnalysis;

namespace Messaging.Amqp.Engine;

/// <summary>What the owner asked for cannot be put on this connection's wire.</summary>
internal sealed class EngineException(string message, AmqpError error) : MessagingException(message, error)
{
    [DoesNotReturn]
    internal static void ThrowTooLarge(string performative, int size, uint limit)
    {
        string message = $"The {performative} frame is {size} bytes, the peer accepts {limit} (max-frame-size). Send smaller names, maps or properties.";
        throw new EngineException(message, new AmqpError(ErrorCondition.FrameSizeTooSmall, message));
    }
}
