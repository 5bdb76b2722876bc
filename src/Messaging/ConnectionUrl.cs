using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Messaging;

/// <summary>The URL of a server, listener or in-process name: <c>[scheme://][user[:password]@]host[:port][/address]</c>.</summary>
/// <remarks>
/// Examples: <c>amqp://localhost</c>, <c>amqps://alice:secret@example.net:56720/queue</c>, <c>amqp://[::1]:2000</c>, <c>localhost:5672</c>, <c>inproc://name</c>.
/// User, password and address are percent-decoded (UTF-8); write <c>%40</c> for <c>@</c>, <c>%2F</c> for <c>/</c>, <c>%3A</c> for <c>:</c>, <c>%20</c> for a space. There is no query and no fragment.
/// The default value is <c>amqp://localhost:5672</c>. Two URLs are equal when all their parts are, the password included.
/// </remarks>
public readonly record struct ConnectionUrl
{
    internal const string Amqp = "amqp";
    internal const string Amqps = "amqps";
    internal const string WebSocket = "ws";
    internal const string SecureWebSocket = "wss";
    internal const string InProcess = "inproc";

    private const string Localhost = "localhost";
    private const int AmqpPort = 5672;

    private readonly string? _scheme; // null in the default value only, as is the host
    private readonly string? _host;
    private readonly int _port;

    internal ConnectionUrl(string scheme, string host, int port, string? user, string? password, string? path)
    {
        _scheme = scheme;
        _host = host;
        _port = port;
        User = user;
        Password = password;
        Path = path;
    }

    /// <summary><c>amqp</c> (also when the text names no scheme), <c>amqps</c>, <c>ws</c>, <c>wss</c> or <c>inproc</c>, in lower case. WebSockets (<c>ws</c>, <c>wss</c>) are not supported yet: options refuse them.</summary>
    public string Scheme => _scheme ?? Amqp;

    /// <summary>The host name or address in lower case, IPv6 without its brackets; <c>localhost</c> when the text has none. For <c>inproc</c>: the name.</summary>
    public string Host => _host ?? Localhost;

    /// <summary>The port, 0 to 65,535. Default 5672 for <c>amqp</c>, 5671 for <c>amqps</c>, 80 for <c>ws</c>, 443 for <c>wss</c>, 0 for <c>inproc</c>. To a listener 0 means one of the system's choice.</summary>
    public int Port => _scheme is null ? AmqpPort : _port;

    /// <summary>The user name, decoded; <see langword="null"/> when there is none.</summary>
    public string? User { get; }

    /// <summary>The password, decoded; <see langword="null"/> when there is none. <see cref="ToString"/> never shows it.</summary>
    public string? Password { get; }

    /// <summary>The address of a node, decoded, without the slash before it; <see langword="null"/> when absent or empty.</summary>
    public string? Path { get; }

    /// <summary>Scheme, host and port only: <c>amqp://[::1]:5672</c>.</summary>
    internal string Endpoint => Scheme + "://" + HostAndPort;

    /// <summary>Whether the scheme is one with TLS.</summary>
    internal bool UsesTls => Scheme is Amqps or SecureWebSocket;

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
        return ConnectionUrlParser.TryParse(text, out ConnectionUrl url, out string? problem) ? url : throw new FormatException(problem);
    }

    /// <summary>Reads a URL for which there is a transport.</summary>
    internal static ConnectionUrl ParseSupported(string text)
    {
        ConnectionUrl url = Parse(text);
        return url.Scheme is Amqp or Amqps or InProcess
            ? url
            : throw new FormatException($"The URL {url} is for WebSockets, which are not supported yet. Supported are the schemes amqp, amqps (TLS) and inproc (inside the process).");
    }

    /// <summary>Reads the URL of a server to connect to, which has a port.</summary>
    internal static ConnectionUrl ParseServer(string text)
    {
        ConnectionUrl url = ParseSupported(text);
        return url.Port > 0 || url.Scheme == InProcess
            ? url
            : throw new FormatException($"The URL {url} has port 0, which only a listener can ask for: name the port on which the server listens, or none for {url.Scheme}'s own.");
    }

    /// <summary>Reads the URL of a listener, in which nobody logs in.</summary>
    internal static ConnectionUrl ParseListener(string text)
    {
        ConnectionUrl url = ParseSupported(text);
        return url.User is null
            ? url
            : throw new FormatException($"The URL {url} has a user, and nobody logs in to where a listener listens: leave it out, and name those who may log in with ListenerOptions.Users.");
    }

    /// <summary>Reads a URL without throwing.</summary>
    /// <param name="text">The URL, or <see langword="null"/>.</param>
    /// <param name="url">Its parts; the default value, <c>amqp://localhost:5672</c>, when it is malformed.</param>
    /// <returns>Whether it is well formed.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out ConnectionUrl url)
    {
        url = default;
        return text is not null && ConnectionUrlParser.TryParse(text, out url, out _);
    }

    /// <summary>Compares all parts, the password included; case counts in user, password and path.</summary>
    /// <param name="other">The other URL.</param>
    /// <returns>Whether all parts are equal.</returns>
    public bool Equals(ConnectionUrl other) =>
        Scheme == other.Scheme && Host == other.Host && Port == other.Port && User == other.User && Password == other.Password && Path == other.Path;

    /// <summary>A hash of all parts.</summary>
    /// <returns>The same for equal URLs.</returns>
    public override int GetHashCode() => HashCode.Combine(Scheme, Host, Port, User, Password, Path);

    /// <summary>The whole URL with the port, parts encoded again, and <c>***</c> for the password; safe to log.</summary>
    /// <returns>For example <c>amqp://alice:***@host:5672/path</c>.</returns>
    public override string ToString()
    {
        string user = User is null ? "" : Uri.EscapeDataString(User) + (Password is null ? "@" : ":***@");
        string path = Path is null ? "" : "/" + Uri.EscapeDataString(Path).Replace("%2F", "/", StringComparison.Ordinal);
        return Scheme + "://" + user + HostAndPort + path;
    }
}
