namespace Messaging;

/// <summary>A SASL mechanism as a listener speaks it (RFC 4422). Implement it for a mechanism that the SDK does not have, and list it in <see cref="ListenerOptions.CustomMechanisms"/>.</summary>
public interface ISaslServerMechanism
{
    /// <summary>The registered name; 1 to 20 of A-Z, 0-9, hyphen and underscore.</summary>
    string Name { get; }

    /// <summary>Whether it gives a secret away to whoever listens: it is then offered on an encrypted connection only, unless <see cref="ListenerOptions.AllowInsecureMechanisms"/> is set.</summary>
    bool RequiresEncryption { get; }

    /// <summary>Whether it can be offered on this connection.</summary>
    /// <param name="context">What is known of the connection.</param>
    /// <returns>For example, whether there is a certificate to take the identity from.</returns>
    bool IsUsable(SaslServerContext context);

    /// <summary>Begins an exchange.</summary>
    /// <param name="context">What is known of the connection.</param>
    /// <returns>The exchange.</returns>
    ISaslServerExchange Start(SaslServerContext context);
}
