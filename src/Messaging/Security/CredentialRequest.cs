namespace Messaging;

/// <summary>What credentials are asked for.</summary>
public sealed class CredentialRequest
{
    /// <summary>The server; its own user and password stand in it, where the application gave some.</summary>
    public required ConnectionUrl Url { get; init; }

    /// <summary>Whether the server has just refused the credentials given before: a cached token should be renewed. When it refuses again, the error is final.</summary>
    public bool WereRefused { get; init; }
}
