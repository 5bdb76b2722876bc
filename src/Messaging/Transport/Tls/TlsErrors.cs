using Messaging.Amqp.Framing;

namespace Messaging.Transport;

/// <summary>Explains how an established TLS stream was lost.</summary>
internal static class TlsErrors
{
    /// <summary>The stream threw.</summary>
    /// <param name="transport">The stream.</param>
    /// <param name="security">What TLS found out.</param>
    /// <param name="cause">What it threw.</param>
    /// <param name="isFirst">Whether nothing had been received: with TLS 1.3 a server judges the client's certificate after the client's handshake is over. An alert later on is about the stream, and a new one may do better.</param>
    public static MessagingException Lost(ITransport transport, TransportSecurity security, Exception cause, bool isFirst)
    {
        if (TlsAlert.Find(cause, out bool isTransient) is { } alert)
            return new TlsException($"The connection from {transport.LocalEndPoint} to {transport.RemoteEndPoint} failed: {alert}{(isFirst ? Shown(security) : "")}", isTransient: isTransient || !isFirst, innerException: cause);
        if (isFirst && security.IsClientCertificateAsked) return EndedAtOnce(transport, security, cause);
        return TransportErrors.Lost(transport, cause);
    }

    /// <summary>Nothing came but the end. Some servers, ours among them where the platform gives no way, send no alert when they refuse a certificate.</summary>
    public static TlsException EndedAtOnce(ITransport transport, TransportSecurity security, Exception? cause = null) =>
        new(
            $"The connection from {transport.LocalEndPoint} to {transport.RemoteEndPoint} was ended by the peer right after the TLS handshake, in which it asked for a client certificate.{Shown(security)} {(security.HasLocalCertificate ? "It may not trust that one" : "Set Tls.Certificate to one that it trusts")}; the peer's log says why it ended the connection.",
            isTransient: security.HasLocalCertificate, // a server that stops at this moment looks the same; but to come back without a certificate where one is asked for leads nowhere
            innerException: cause);

    private static string Shown(TransportSecurity security) =>
        !security.IsClientCertificateAsked ? "" : security.LocalSubject is { } subject ? $" It was shown '{PeerText.Escape(subject)}'." : " It was shown none.";
}
