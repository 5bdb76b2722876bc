namespace Messaging;

/// <summary>Gives the credentials at the beginning of every attempt to connect, so that passwords and tokens may change while the application runs. Keep a token for as long as it is good: attempts to a server that is away ask too.</summary>
public interface ICredentialProvider
{
    /// <summary>Asks for the credentials.</summary>
    /// <param name="request">For which server, and whether the last ones were refused.</param>
    /// <param name="cancellationToken">The attempt was given up, or <see cref="ConnectionOptions.OperationTimeout"/> is over.</param>
    /// <returns>The credentials; <see langword="null"/> to log in without any.</returns>
    /// <remarks>What it throws fails the attempt: a <see cref="MessagingException"/> by its own kind, anything else as a fault that may pass.</remarks>
    ValueTask<SaslCredentials?> GetCredentialsAsync(CredentialRequest request, CancellationToken cancellationToken);
}
