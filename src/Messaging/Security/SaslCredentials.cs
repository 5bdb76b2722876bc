namespace Messaging;

/// <summary>A user with a password or a token. It has no text form, so that no secret can reach a log.</summary>
public sealed class SaslCredentials
{
    /// <summary>The user name; <see langword="null"/> for a token that names its user itself.</summary>
    public string? User { get; init; }

    /// <summary>The password; <see langword="null"/> for none.</summary>
    public string? Password { get; init; }

    /// <summary>The access token for OAUTHBEARER and XOAUTH2; <see langword="null"/> for none.</summary>
    public string? Token { get; init; }

    /// <summary>Says nothing of what it holds.</summary>
    /// <returns><c>(credentials)</c>.</returns>
    public override string ToString() => "(credentials)";
}
