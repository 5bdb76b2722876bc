using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Messaging;

/// <summary>Takes a URL apart by hand: <see cref="Uri"/> normalizes paths, drops default ports of schemes it knows and puts the text into its exceptions.</summary>
/// <remarks>No problem text quotes what was given: in a malformed URL nobody knows which part was meant as the password.</remarks>
internal static class ConnectionUrlParser
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private const string HasQuery = "it has a query ('?' and what follows), which is not supported: set options in code or in connect.json; a '?' in a user, password or address is written %3F.";
    private const string HasFragment = "it has a fragment ('#' and what follows), which is not supported; a '#' in a user, password or address is written %23.";

    public static bool TryParse(string text, out ConnectionUrl url, [NotNullWhen(false)] out string? problem)
    {
        url = default;
        problem = Split(text, out Parts parts) ?? Check(ref parts);
        if (problem is not null)
        {
            problem = "The URL is malformed: " + problem + " Expected: [scheme://][user[:password]@]host[:port][/address], for example amqp://localhost:5672.";
            return false;
        }

        url = new ConnectionUrl(parts.Scheme, parts.Host, parts.Port, parts.User, parts.Password, parts.Path);
        return true;
    }

    private static string? Split(string text, out Parts parts)
    {
        parts = default;
        parts.Scheme = ConnectionUrl.Amqp;
        if (string.IsNullOrWhiteSpace(text)) return "it is empty.";
        foreach (char c in text)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c)) return "it has a space or a control character; inside a user, password or address write it encoded, a space as %20.";
        }

        string rest = text;
        int mark = text.IndexOf("://", StringComparison.Ordinal);
        if (mark >= 0 && IsSchemeText(text.AsSpan(0, mark)))
        {
            parts.Scheme = text[..mark].ToLowerInvariant();
            rest = text[(mark + 3)..];
        }

        int extra = rest.AsSpan().IndexOfAny('?', '#');
        if (extra >= 0) return rest[extra] == '?' ? HasQuery : HasFragment;

        int slash = rest.IndexOf('/', StringComparison.Ordinal);
        string authority = slash < 0 ? rest : rest[..slash];
        parts.Path = slash < 0 || slash == rest.Length - 1 ? null : rest[(slash + 1)..];

        int at = authority.LastIndexOf('@'); // the last: a password with a bare '@' is meant well, and no host has one
        if (at >= 0)
        {
            string userInfo = authority[..at];
            int colon = userInfo.IndexOf(':', StringComparison.Ordinal);
            parts.User = colon < 0 ? userInfo : userInfo[..colon];
            parts.Password = colon < 0 ? null : userInfo[(colon + 1)..];
            authority = authority[(at + 1)..];
        }

        return SplitHost(authority, ref parts);
    }

    private static string? SplitHost(string authority, ref Parts parts)
    {
        if (authority.StartsWith('['))
        {
            int end = authority.IndexOf(']', StringComparison.Ordinal);
            if (end < 0) return "the IPv6 address has no closing bracket ']'.";
            parts.Host = authority[1..end].Replace("%25", "%", StringComparison.Ordinal); // a zone's '%' may be written encoded (RFC 6874)
            parts.PortText = authority[(end + 1)..];
            bool isAddress = IPAddress.TryParse(parts.Host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6;
            if (!isAddress || parts.Host.EndsWith('%') || parts.Host.AsSpan().ContainsAny('[', ']', '/')) return "what stands in brackets is not an IPv6 address.";
            return parts.PortText.Length == 0 || parts.PortText[0] == ':' ? null : "after the closing bracket ']' only ':port' may follow.";
        }

        int colon = authority.IndexOf(':', StringComparison.Ordinal);
        if (colon != authority.LastIndexOf(':')) return "it has more than one ':' around the host; an IPv6 address is written in brackets, [::1], and a ':' in a user name as %3A.";
        parts.Host = colon < 0 ? authority : authority[..colon];
        parts.PortText = colon < 0 ? "" : authority[colon..];
        return null;
    }

    private static string? Check(ref Parts parts)
    {
        int defaultPort = DefaultPort(parts.Scheme);
        if (defaultPort < 0) return "its scheme is not known; supported are amqp, amqps and inproc (WebSockets, ws and wss, not yet).";

        int zone = parts.Host.IndexOf('%', StringComparison.Ordinal); // the name of an interface, in which case counts
        parts.Host = zone < 0 ? parts.Host.ToLowerInvariant() : parts.Host[..zone].ToLowerInvariant() + parts.Host[zone..];
        foreach (char c in parts.Host)
        {
            bool legal = char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '~' or ':' or '%'; // ':' and '%' only come out of brackets
            if (!legal) return "the host has a character that no host name has; write a name outside ASCII in its punycode form.";
        }

        bool isInProcess = parts.Scheme == ConnectionUrl.InProcess;
        if (zone >= 0 && !parts.Host.Contains(':', StringComparison.Ordinal)) return "the host is not percent-decoded.";
        if (isInProcess && parts.Host.Length == 0) return "an in-process URL needs a name: inproc://name.";
        if (isInProcess && parts.PortText.Length > 0) return "an in-process URL has a name but no port.";
        if (parts.Host.Length == 0) parts.Host = "localhost";

        parts.Port = defaultPort;
        return CheckPort(ref parts) ?? CheckUser(ref parts)
            ?? (TryDecode(parts.Path, out parts.Path) ? null : "the address has a '%' without two hexadecimal digits, or is not UTF-8, or has %00.");
    }

    private static string? CheckPort(ref Parts parts)
    {
        if (parts.PortText.Length == 0) return null;
        if (parts.PortText.Length == 1) return "the port after ':' is missing.";

        bool isNumber = int.TryParse(parts.PortText.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out parts.Port);
        if (isNumber && parts.Port <= ushort.MaxValue) return null;
        string hint = parts.Path is not null && parts.Path.Contains('@', StringComparison.Ordinal) ? " If it is part of a password: a '/' in there is written %2F." : "";
        return "the port is not a number from 0 to 65535; names of ports such as 'amqp' are not looked up." + hint;
    }

    private static string? CheckUser(ref Parts parts)
    {
        if (parts.User is { Length: 0 }) return "the user name before '@' is empty.";
        bool decoded = TryDecode(parts.User, out parts.User) & TryDecode(parts.Password, out parts.Password);
        return decoded ? null : "the user or the password has a '%' without two hexadecimal digits, or is not UTF-8, or has %00; write a bare '%' as %25.";
    }

    private static int DefaultPort(string scheme) => scheme switch
    {
        ConnectionUrl.Amqp => 5672,
        ConnectionUrl.Amqps => 5671,
        ConnectionUrl.WebSocket => 80,
        ConnectionUrl.SecureWebSocket => 443,
        ConnectionUrl.InProcess => 0,
        _ => -1,
    };

    // A scheme-less "user:p://w@host" must not have its user and password taken for a scheme.
    private static bool IsSchemeText(ReadOnlySpan<char> text)
    {
        foreach (char c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('+' or '-' or '.')) return false;
        }

        return true;
    }

    private static bool TryDecode(string? text, out string? decoded)
    {
        decoded = text;
        if (text is null) return true;

        try
        {
            byte[] raw = StrictUtf8.GetBytes(text);
            int length = 0;
            for (int i = 0; i < raw.Length; i++)
            {
                byte value = raw[i];
                if (value == '%')
                {
                    if (i + 2 >= raw.Length || !char.IsAsciiHexDigit((char)raw[i + 1]) || !char.IsAsciiHexDigit((char)raw[i + 2])) return false;
                    value = Convert.FromHexString([(char)raw[i + 1], (char)raw[i + 2]])[0];
                    i += 2;
                }

                if (value == 0) return false; // no login and no address has it, and SASL PLAIN separates by it (RFC 4616)
                raw[length++] = value;
            }

            decoded = StrictUtf8.GetString(raw, 0, length);
            return true;
        }
        catch (ArgumentException) // a lone surrogate, or bytes that are not UTF-8
        {
            return false;
        }
    }

    private struct Parts
    {
        public string Scheme;
        public string Host;
        public string PortText; // with its ':'; empty when absent
        public int Port;
        public string? User;
        public string? Password;
        public string? Path;
    }
}
