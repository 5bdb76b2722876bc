using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>Reads what a handshake found out.</summary>
internal static class TlsFacts
{
    public static TransportSecurity OfClient(SslStream tls, bool isAsked)
    {
        X509Certificate2? server = Copy(tls.RemoteCertificate);
        return new TransportSecurity
        {
            RemoteCertificate = server,
            IsClientCertificateAsked = isAsked,
            HasLocalCertificate = tls.LocalCertificate is not null,
            LocalSubject = tls.LocalCertificate?.Subject,
            ServerEndPointBinding = server is null ? default : EndPointBinding.Of(server),
            Description = Description(tls),
        };
    }

    public static TransportSecurity OfServer(SslStream tls)
    {
        using X509Certificate2? server = Copy(tls.LocalCertificate);
        return new TransportSecurity
        {
            RemoteCertificate = Copy(tls.RemoteCertificate),
            ServerEndPointBinding = server is null ? default : EndPointBinding.Of(server),
            Description = Description(tls),
        };
    }

    public static string Name(X509Certificate2? certificate) => certificate is null ? "none" : CertificateText.Name(certificate);

    /// <summary>SslStream's own goes with the stream; the application may keep it longer.</summary>
    private static X509Certificate2? Copy(X509Certificate? certificate) => certificate is null ? null : X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());

    private static string Description(SslStream tls) => $"{tls.SslProtocol}, {tls.NegotiatedCipherSuite}";
}
