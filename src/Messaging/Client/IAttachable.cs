namespace Messaging.Client;

/// <summary>A link that this side attaches.</summary>
internal interface IAttachable
{
    /// <summary>Writes our attach. Runs on the loop.</summary>
    /// <exception cref="MessagingException">The session has ended, or a limit of the peer is reached.</exception>
    void Attach();
}
