namespace Messaging;

/// <summary>What a SASL mechanism of a client may know.</summary>
public sealed class SaslClientContext
{
    /// <summary>The host of the URL: the name for Kerberos and for the server's own checks.</summary>
    public required string Host { get; init; }

    /// <summary>The host name told to the server in <c>sasl-init</c> and <c>open</c>; <see langword="null"/> when none is.</summary>
    public string? VirtualHost { get; init; }

    /// <summary>The port of the server.</summary>
    public int Port { get; init; }

    /// <summary>The credentials; <see langword="null"/> without any.</summary>
    public SaslCredentials? Credentials { get; init; }

    /// <summary>Whether the connection is encrypted (or inside the process).</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Whether this side showed a certificate in the TLS handshake.</summary>
    public bool HasClientCertificate { get; init; }

    /// <summary>The channel binding <c>tls-server-end-point</c> (RFC 5929, 4): the hash of the server's certificate; empty without TLS.</summary>
    public ReadOnlyMemory<byte> ServerEndPointBinding { get; init; }

    /// <summary>The mechanisms that the server offers.</summary>
    public IReadOnlyList<string> OfferedMechanisms { get; init; } = [];
}
