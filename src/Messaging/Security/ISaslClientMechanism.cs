namespace Messaging;

/// <summary>A SASL mechanism as a client speaks it (RFC 4422). Implement it for a mechanism that the SDK does not have, and list it in <see cref="ConnectionOptions.CustomMechanisms"/>.</summary>
public interface ISaslClientMechanism
{
    /// <summary>The registered name, for example <c>SCRAM-SHA-256</c>; 1 to 20 of A-Z, 0-9, hyphen and underscore.</summary>
    string Name { get; }

    /// <summary>Whether it gives a secret away to whoever listens: it is then refused on an unencrypted connection unless <see cref="ConnectionOptions.AllowInsecureMechanisms"/> is set.</summary>
    bool RequiresEncryption { get; }

    /// <summary>Begins an exchange, when everything that the mechanism needs is there.</summary>
    /// <param name="context">What is known of the connection and the credentials.</param>
    /// <param name="problem">What is missing, for the error message: "it needs a user and a password"; <see langword="null"/> when an exchange is given back.</param>
    /// <returns>The exchange; <see langword="null"/> when the mechanism cannot be used here.</returns>
    ISaslClientExchange? TryStart(SaslClientContext context, out string? problem);
}
