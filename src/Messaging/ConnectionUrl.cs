using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Messaging;

/// <summary>The URL of a server, listener or in-process name: <c>[scheme://][user[:password]@]host[:port][/address]</c>.</summary>
/// <remarks>
/// Examples: <c>amqp://localhost</c>, <c>amqps://alice:secret@example.net:56720/queue</c>, <c>amqp://[::1]:2000</c>, <c>localhost:5672</c>, <c>inproc://name</c>.
/// User, password and address are percent-decoded (UTF-8); write <c>%40</c> for <c>@</c>, <c>%2F</c> for <c>/</c>, <c>%3A</c> for <c>:</c>. There is no query and no fragment.
/// Two URLs are equal when all their parts are, the password included.
/// </remarks>
public sealed record ConnectionUrl
{
    internal const string Amqp = "amqp";
    internal const string Amqps = "amqps";
    internal const string WebSocket = "ws";
    internal const string SecureWebSocket = "wss";
    internal const string InProcess = "inproc";

    internal ConnectionUrl(string scheme, string host, int port, string? user, string? password, string? path)
    {
        Scheme = scheme;
        Host = host;
        Port = port;
        User = user;
        Password = password;
        Path = path;
    }

    /// <summary><c>amqp</c> (also when the text names no scheme), <c>amqps</c>, <c>ws</c>, <c>wss</c> or <c>inproc</c>, in lower case.</summary>
    public string Scheme { get; }

    /// <summary>The host name or address in lower case, IPv6 without its brackets; <c>localhost</c> when the text has none. For <c>inproc</c>: the name.</summary>
    public string Host { get; }

    /// <summary>The port, 0 to 65,535. Default 5672 for <c>amqp</c>, 5671 for <c>amqps</c>, 80 for <c>ws</c>, 443 for <c>wss</c>, 0 for <c>inproc</c>. To a listener 0 means one of the system's choice.</summary>
    public int Port { get; }

    /// <summary>The user name, decoded; <see langword="null"/> when there is none.</summary>
    public string? User { get; }

    /// <summary>The password, decoded; <see langword="null"/> when there is none. <see cref="ToString"/> never shows it.</summary>
    public string? Password { get; }

    /// <summary>The address of a node, decoded, without the slash before it; <see langword="null"/> when absent or empty.</summary>
    public string? Path { get; }

    /// <summary>Scheme, host and port only: <c>amqp://[::1]:5672</c>.</summary>
    internal string Endpoint => Scheme + "://" + HostAndPort;

    private string HostAndPort
    {
        get
        {
            string host = Host.Contains(':', StringComparison.Ordinal) ? "[" + Host + "]" : Host;
            return Scheme == InProcess ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}");
        }
    }

    /// <summary>Reads a URL.</summary>
    /// <param name="text">The URL; without a scheme it counts as <c>amqp</c>.</param>
    /// <returns>Its parts.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is <see langword="null"/>.</exception>
    /// <exception cref="FormatException">It is malformed. The message says how, and quotes neither password nor user.</exception>
    public static ConnectionUrl Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ConnectionUrlParser.TryParse(text, out ConnectionUrl? url, out string? problem) ? url : throw new FormatException(problem);
    }

    /// <summary>Reads a URL without throwing.</summary>
    /// <param name="text">The URL, or <see langword="null"/>.</param>
    /// <param name="url">Its parts, when it is well formed.</param>
    /// <returns>Whether it is well formed.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out ConnectionUrl? url)
    {
        url = null;
        return text is not null && ConnectionUrlParser.TryParse(text, out url, out _);
    }

    /// <summary>The whole URL with the port, parts encoded again, and <c>***</c> for the password; safe to log.</summary>
    /// <returns>For example <c>amqp://alice:***@host:5672/path</c>.</returns>
    public override string ToString()
    {
        string user = User is null ? "" : Uri.EscapeDataString(User) + (Password is null ? "@" : ":***@");
        string path = Path is null ? "" : "/" + Uri.EscapeDataString(Path).Replace("%2F", "/", StringComparison.Ordinal);
        return Scheme + "://" + user + HostAndPort + path;
    }
}
