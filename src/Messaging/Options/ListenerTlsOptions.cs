using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Messaging;

/// <summary>How a listener uses TLS (AMQP 1.0 part 5, 5.2).</summary>
/// <remarks>
/// Handshakes run side by side, count among <see cref="ListenerOptions.MaxConnections"/> and share <see cref="ListenerOptions.HandshakeTimeout"/> with what AMQP does after them.
/// One that fails is logged (4101) and ends that connection only. Sessions are not resumed: every connection is verified anew.
/// </remarks>
public sealed class ListenerTlsOptions
{
    /// <summary>How TLS begins: <see cref="TlsMode.Direct"/> with <c>amqps</c>; <see cref="TlsMode.InBand"/> with <c>amqps</c> (nothing but TLS) or with <c>amqp</c> (offered, and clear text too).</summary>
    /// <value><see cref="TlsMode.Direct"/>.</value>
    public TlsMode Mode { get; set; }

    /// <summary>The server's certificate: a PEM file (the certificate first, then the chain above it, if any), or PKCS#12. A changed file is taken for the next connection; one that cannot be used is logged (4103) and leaves the old one in force.</summary>
    /// <value><see langword="null"/>: <see cref="ServerCertificate"/>.</value>
    public string? Certificate { get; set; }

    /// <summary>The file of the private key of <see cref="Certificate"/>, as PEM; PKCS#8 where it is encrypted.</summary>
    /// <value><see langword="null"/>: in the file of the certificate.</value>
    public string? Key { get; set; }

    /// <summary>The password of the key or of the PKCS#12 file. Never logged or printed.</summary>
    /// <value><see langword="null"/>: none.</value>
    public string? KeyPassword { get; set; }

    /// <summary>Gives the server's certificate with its key for a new connection; the argument is the host name that the client asks for (SNI), or <see langword="null"/>. Not together with <see cref="Certificate"/>; it must be quick, and give the same object for the same certificate.</summary>
    /// <value><see langword="null"/>: <see cref="Certificate"/>.</value>
    public Func<string?, X509Certificate2>? ServerCertificate { get; set; }

    /// <summary>Whether clients show a certificate.</summary>
    /// <value><see cref="ClientCertificateMode.None"/>.</value>
    public ClientCertificateMode ClientCertificate { get; set; }

    /// <summary>Whom to trust for client certificates: a file of PEM or DER certificates, or a directory of such files. Nobody else is trusted. A change counts from the next connection on.</summary>
    /// <value><see langword="null"/>: <see cref="TrustedCertificates"/>; one of the two is needed with <see cref="ClientCertificate"/>, unless <see cref="Configure"/> says whom to trust.</value>
    public string? Ca { get; set; }

    /// <summary>The same as certificates in memory; not together with <see cref="Ca"/>.</summary>
    /// <value><see langword="null"/>: <see cref="Ca"/>.</value>
    public X509Certificate2Collection? TrustedCertificates { get; set; }

    /// <summary>The versions of TLS. Older ones work only where the operating system still has them.</summary>
    /// <value>TLS 1.2 and 1.3. <see cref="SslProtocols.None"/> leaves it to the operating system.</value>
    public SslProtocols Protocols { get; set; } = SslProtocols.Tls12 | SslProtocols.Tls13;

    /// <summary>The last word on the options that .NET is given, for what has no option here; called for every handshake. What it throws ends that connection.</summary>
    /// <value><see langword="null"/>.</value>
    public Action<SslServerAuthenticationOptions>? Configure { get; set; }

    internal ListenerTlsOptions Freeze(string scheme)
    {
        TlsRules.Mode(Mode);
        TlsRules.Files("Tls", Certificate, Key, KeyPassword);
        TlsRules.Trust("Tls", Ca, TrustedCertificates);
        if (scheme is not (ConnectionUrl.Amqp or ConnectionUrl.Amqps))
            throw new ArgumentException($"Tls is set, and the scheme '{scheme}' does not use it: listen with 'amqps', or leave it null.", nameof(ListenerOptions.Tls));
        if (scheme == ConnectionUrl.Amqp && Mode != TlsMode.InBand)
            throw new ArgumentException("Tls is set, and the scheme 'amqp' is clear text: listen with 'amqps', or set Tls.Mode = InBand to offer TLS beside clear text.", nameof(ListenerOptions.Tls));
        if (scheme == ConnectionUrl.Amqp && ClientCertificate == ClientCertificateMode.Required)
            throw new ArgumentException("Tls.ClientCertificate is Required, and with the scheme 'amqp' clients may stay on clear text, where they show none: listen with 'amqps', or set it to Optional.", nameof(ClientCertificate));
        if (Certificate is not null && ServerCertificate is not null)
            throw new ArgumentException("Tls.Certificate and Tls.ServerCertificate are both set: set the one that is meant.", nameof(ServerCertificate));
        if (Certificate is null && ServerCertificate is null && Configure is null)
            throw new ArgumentException("Tls has no certificate, and a TLS listener cannot be without: set Tls.Certificate or Tls.ServerCertificate.", nameof(Certificate));
        if (ClientCertificate == ClientCertificateMode.None && (Ca is not null || TrustedCertificates is not null))
            throw new ArgumentException("Tls.Ca and Tls.TrustedCertificates are for client certificates: set Tls.ClientCertificate to Optional or Required too.", nameof(ClientCertificate));
        if (!Enum.IsDefined(ClientCertificate))
            throw new ArgumentOutOfRangeException(nameof(ClientCertificate), ClientCertificate, $"Tls.ClientCertificate is {ClientCertificate}; it must be None, Optional or Required.");
        if (ClientCertificate != ClientCertificateMode.None && Ca is null && TrustedCertificates is null && Configure is null)
            throw new ArgumentException("Tls.ClientCertificate is set without Tls.Ca or Tls.TrustedCertificates: every authority of the system could then make a client of any name. Set the one that issues your clients' certificates.", nameof(Ca));

        var copy = (ListenerTlsOptions)MemberwiseClone();
        copy.TrustedCertificates = TlsRules.Copy(TrustedCertificates);
        return copy;
    }
}
