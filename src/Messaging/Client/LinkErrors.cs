using Messaging.Amqp.Engine;

namespace Messaging.Client;

/// <summary>Why a link could not be made, as the application is told.</summary>
internal static class LinkErrors
{
    /// <summary>An attach that could not be written.</summary>
    /// <param name="link">Whose attach.</param>
    /// <param name="cause">From the engine: a limit of the peer is reached, or the attach is too large for it.</param>
    public static LinkException NotAttached(LinkEndpoint link, Exception cause)
    {
        string advice = cause is EngineException ? "" : " Close links that are no longer needed, or create the link on another session.";
        return new LinkException($"{link.Description} could not be attached: {cause.Message}{advice}", (cause as MessagingException)?.Error, innerException: cause);
    }
}
