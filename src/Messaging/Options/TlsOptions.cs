using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Messaging;

/// <summary>How a client uses TLS with <c>amqps</c> (AMQP 1.0 part 5, 5.2).</summary>
/// <remarks>
/// The server's certificate is verified, its chain as well as the name, before anything else is sent. Files are read at each connect, so that
/// rotated ones work, also in the middle of it: what is no good is read again a tenth of a second later, four times at most while it changes, and at
/// each attempt of a connection that has been open before. Files that cannot be used end the attempt with a <see cref="TlsException"/> that names the option and the path.
/// Certificates that are missing in the chain are not fetched. Revocation is not checked and sessions are not resumed unless <see cref="Configure"/> says so.
/// </remarks>
public sealed class TlsOptions
{
    /// <summary>How TLS begins.</summary>
    /// <value><see cref="TlsMode.Direct"/>.</value>
    public TlsMode Mode { get; set; }

    /// <summary>Whom to trust: a file of PEM or DER certificates, or a directory of such files. They replace the system's trust, they do not add to it.</summary>
    /// <value><see langword="null"/>: the system's trust.</value>
    public string? Ca { get; set; }

    /// <summary>The same as certificates in memory; not together with <see cref="Ca"/>.</summary>
    /// <value><see langword="null"/>: <see cref="Ca"/>, else the system's trust.</value>
    public X509Certificate2Collection? TrustedCertificates { get; set; }

    /// <summary>The client's certificate: a PEM file (the certificate first, then the chain above it, if any), or PKCS#12.</summary>
    /// <value><see langword="null"/>: none.</value>
    public string? Certificate { get; set; }

    /// <summary>The file of the private key of <see cref="Certificate"/>, as PEM; PKCS#8 where it is encrypted.</summary>
    /// <value><see langword="null"/>: in the file of the certificate.</value>
    public string? Key { get; set; }

    /// <summary>The password of the key or of the PKCS#12 file. Never logged or printed.</summary>
    /// <value><see langword="null"/>: none.</value>
    public string? KeyPassword { get; set; }

    /// <summary>The client's certificate with its key, in memory; not together with <see cref="Certificate"/>. It must live as long as connections are made with it.</summary>
    /// <value><see langword="null"/>: <see cref="Certificate"/>.</value>
    public X509Certificate2? ClientCertificate { get; set; }

    /// <summary>Whether the server's certificate must be valid and be for the host. Without it anybody can be the server; it is logged as a warning (4104).</summary>
    /// <value><see langword="true"/>.</value>
    public bool Verify { get; set; } = true;

    /// <summary>The name that the server's certificate must be for, also told as SNI (RFC 6066, 3). An IP address must be in the certificate as such.</summary>
    /// <value><see langword="null"/>: the URL's host, or <see cref="ConnectionOptions.VirtualHost"/> where that is set.</value>
    public string? ServerName { get; set; }

    /// <summary>The versions of TLS. Older ones work only where the operating system still has them.</summary>
    /// <value>TLS 1.2 and 1.3. <see cref="SslProtocols.None"/> leaves it to the operating system.</value>
    public SslProtocols Protocols { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The last word on the options that .NET is given, for what has no option here; called for every handshake. What it throws ends the attempt.</summary>
    /// <value><see langword="null"/>.</value>
    public Action<SslClientAuthenticationOptions>? Configure { get; set; }

    internal TlsOptions Freeze()
    {
        TlsRules.Mode(Mode);
        TlsRules.Files("Tls", Certificate, Key, KeyPassword);
        TlsRules.Trust("Tls", Ca, TrustedCertificates);
        Require.NotEmpty(ServerName, "Tls.ServerName");
        if (Certificate is not null && ClientCertificate is not null)
            throw new ArgumentException("Tls.Certificate and Tls.ClientCertificate are both set: set the one that is meant.", nameof(ClientCertificate));
        if (ClientCertificate is { HasPrivateKey: false })
            throw new ArgumentException("Tls.ClientCertificate has no private key: a client proves with it that the certificate is its own.", nameof(ClientCertificate));

        var copy = (TlsOptions)MemberwiseClone();
        copy.TrustedCertificates = TlsRules.Copy(TrustedCertificates);
        return copy;
    }
}
