using System.Security.Cryptography.X509Certificates;

namespace Messaging;

/// <summary>What a SASL mechanism of a listener may know.</summary>
public sealed class SaslServerContext
{
    /// <summary>The host name that the client asks for in <c>sasl-init</c>; <see langword="null"/> before it has, or when it names none.</summary>
    public string? Hostname { get; init; }

    /// <summary>The client's network address, for logs.</summary>
    public required string RemoteEndPoint { get; init; }

    /// <summary>Whether the connection is encrypted (or inside the process).</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>The client's certificate, verified; <see langword="null"/> when it showed none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>The channel binding <c>tls-server-end-point</c> (RFC 5929, 4): the hash of the listener's certificate; empty without TLS.</summary>
    public ReadOnlyMemory<byte> ServerEndPointBinding { get; init; }

    /// <summary>The mechanisms that were offered to the client on this connection.</summary>
    public IReadOnlyList<string> OfferedMechanisms { get; init; } = [];
}
