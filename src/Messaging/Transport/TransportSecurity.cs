using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>What TLS found out about a transport.</summary>
internal sealed class TransportSecurity
{
    /// <summary>The peer's certificate, verified unless the application said otherwise; null when it showed none.</summary>
    public X509Certificate2? RemoteCertificate { get; init; }

    /// <summary>Whether the server asked this client for a certificate.</summary>
    public bool IsClientCertificateAsked { get; init; }

    /// <summary>Whether this side showed a certificate to a server.</summary>
    public bool HasLocalCertificate { get; init; }

    /// <summary>The subject of the certificate that this side showed to a server.</summary>
    public string? LocalSubject { get; init; }

    /// <summary>The hash of the server's certificate (RFC 5929, 4.1), the same on both sides; empty when the certificate's algorithm has none.</summary>
    public ReadOnlyMemory<byte> ServerEndPointBinding { get; init; }

    /// <summary>Version and cipher, for logs.</summary>
    public string Description { get; init; } = "";
}
