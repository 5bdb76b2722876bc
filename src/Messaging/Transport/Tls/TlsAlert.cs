using System.Globalization;
using System.Text.RegularExpressions;

namespace Messaging.Transport;

/// <summary>The alert with which the peer ended TLS (RFC 8446, 6.2). .NET shows it in the text of an inner exception only.</summary>
internal static partial class TlsAlert
{
    private const int OpenSslOffset = 1000; // SSL_AD_REASON_OFFSET: reason codes above it are alerts that were received
    private const int InternalError = 80;

    private static readonly Dictionary<int, (string Name, string Advice)> Known = new()
    {
        [40] = ("handshake_failure", "The two sides have no version, cipher or signature in common, or it wants a certificate."),
        [42] = ("bad_certificate", "It refuses the certificate of this side."),
        [43] = ("unsupported_certificate", "It refuses the certificate of this side: of the wrong type, or not for this use."),
        [44] = ("certificate_revoked", "It refuses the certificate of this side: it was revoked."),
        [45] = ("certificate_expired", "It refuses the certificate of this side: it has expired."),
        [46] = ("certificate_unknown", "It refuses the certificate of this side."),
        [48] = ("unknown_ca", "It does not trust the authority that issued the certificate of this side."),
        [49] = ("access_denied", "It refuses the certificate of this side."),
        [50] = ("decode_error", "It could not read what this side sent."),
        [51] = ("decrypt_error", "It could not verify a signature of this side."),
        [70] = ("protocol_version", "The two sides have no version of TLS in common: compare Tls.Protocols with its settings."),
        [71] = ("insufficient_security", "It wants stronger ciphers than this side offers."),
        [InternalError] = ("internal_error", "It failed for a reason of its own: see its log."),
        [86] = ("inappropriate_fallback", "It refuses a lower version of TLS than it can."),
        [112] = ("unrecognized_name", "It has no certificate for the name that was asked for: see Tls.ServerName."),
        [116] = ("certificate_required", "It wants a client certificate: set Tls.Certificate."),
        [120] = ("no_application_protocol", "It does not offer the application protocol that was asked for."),
    };

    /// <summary>Looks for an alert in what SslStream threw.</summary>
    /// <param name="thrown">The exception.</param>
    /// <param name="isTransient">Whether trying again can help.</param>
    /// <returns>The alert's name and what it means; <see langword="null"/> when the failure was none.</returns>
    public static string? Find(Exception thrown, out bool isTransient)
    {
        isTransient = false;
        for (Exception? e = thrown; e is not null; e = e.InnerException)
        {
            if (Read(e.Message) is not { } name) continue;
            (int number, (string, string Advice) known) = Known.FirstOrDefault(alert => alert.Value.Name == name);
            isTransient = number == InternalError;
            return $"the peer ended TLS with '{name}'. {known.Advice ?? "See its log."}";
        }

        return null;
    }

    private static string? Read(string message)
    {
        if (OpenSsl().Match(message) is { Success: true } code)
        {
            int number = int.Parse(code.ValueSpan[^4..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) - OpenSslOffset;
            if (number <= 0) return null;
            return Known.TryGetValue(number, out (string Name, string) known) ? known.Name : string.Create(CultureInfo.InvariantCulture, $"alert {number}");
        }

        if (Named().Match(message) is not { Success: true } named) return null;

        string name = named.Groups["name"].Value;
        return Known.Values.Select(alert => alert.Name).FirstOrDefault(alert => alert.Replace("_", "", StringComparison.Ordinal).Equals(name, StringComparison.OrdinalIgnoreCase)) ?? name;
    }

    // "error:0A00045C:SSL routines::tlsv13 alert certificate required": library 0x14 (SSL), reason 0x45C
    [GeneratedRegex("error:0A00[0-9A-F]{4}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex OpenSsl();

    // "Authentication failed because the remote party sent a TLS alert: 'CertificateRequired'.", on Windows and macOS
    [GeneratedRegex("TLS alert: '(?<name>[A-Za-z]+)'", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Named();
}
