using System.Net.Sockets;
using System.Text;
using Messaging.Amqp.Framing;

namespace Messaging.Transport;

/// <summary>What a TLS handshake, or TLS after it, failed of.</summary>
/// <param name="What">What happened, as the end of a sentence.</param>
/// <param name="IsTransient">Whether trying again can help.</param>
/// <param name="IsNetwork">Whether it was the network and not TLS.</param>
internal readonly record struct TlsFailure(string What, bool IsTransient, bool IsNetwork = false)
{
    private const int LongestCause = 300;

    /// <summary>Finds out why a handshake failed.</summary>
    /// <param name="thrown">What SslStream threw.</param>
    /// <param name="check">The verdict on the peer's certificate.</param>
    /// <param name="stream">What came in.</param>
    public static TlsFailure OfHandshake(Exception thrown, CertificateCheck check, FirstBytesStream stream)
    {
        if (check.Refusal is { } refusal) return new TlsFailure(refusal, IsTransient: false);
        if (TlsAlert.Find(thrown, out bool isTransient) is { } alert) return new TlsFailure(alert, isTransient);
        if (stream.IsClearText) return new TlsFailure($"the peer does not speak TLS: it sent {Quote(stream.First)}. {(TlsHeader.Is(stream.First) ? "It begins TLS after an AMQP header: set Tls.Mode = InBand" : "It may be an amqp port or client")}", IsTransient: false);
        if (thrown is IOException) return new TlsFailure(Lost(thrown, "during the TLS handshake"), IsTransient: true, IsNetwork: true);
        return new TlsFailure(Own(thrown), IsTransient: false);
    }

    /// <summary>Bytes of the peer, fit for a message.</summary>
    public static string Quote(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "nothing";
        var text = new StringBuilder("'");
        PeerText.Append(text, bytes);
        return text.Append('\'').ToString();
    }

    public static string Lost(Exception thrown, string when) => (thrown as SocketException ?? thrown.InnerException as SocketException)?.SocketErrorCode switch
    {
        null => $"the peer closed the connection {when}. It may refuse what this side offers: see its log",
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => $"the connection was reset {when}",
        { } other => $"the connection was lost {when}: {TransportErrors.Reason(new SocketException((int)other))}",
    };

    /// <summary>The innermost cause is the one that says something.</summary>
    private static string Own(Exception thrown)
    {
        string message = thrown.GetBaseException().Message;
        if (message.Contains("unsupported protocol", StringComparison.Ordinal) || message.Contains("no protocols available", StringComparison.Ordinal))
            return "the two sides have no version of TLS in common: compare Tls.Protocols with the peer's settings";
        return "TLS failed: " + PeerText.Escape(message.Length > LongestCause ? message[..LongestCause] + "..." : message);
    }
}
