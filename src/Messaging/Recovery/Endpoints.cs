using System.Globalization;
using Messaging.Amqp;

namespace Messaging.Recovery;

/// <summary>The servers of one connection in the order in which they are tried: where a server redirected to, those of the options, and those that a server has named.</summary>
internal sealed class Endpoints(ConnectionOptions options)
{
    private static readonly Symbol FailoverServerList = "failover-server-list";
    private static readonly Symbol NetworkHost = "network-host";
    private static readonly Symbol Port = "port";
    private static readonly Symbol HostnameKey = "hostname";
    private static readonly Symbol Scheme = "scheme";
    private const int MaxLearnt = 32;

    private const int LongestHost = 255;

    private volatile ConnectionOptions[] _learnt = [];

    public ConnectionOptions[] Configured { get; } = [options, .. options.Failover.Select(endpoint => options.For(endpoint))];

    /// <summary>Those that a server has named.</summary>
    public ConnectionOptions[] Learnt => _learnt;

    /// <summary>Reads the servers that a server names in its open as its stand-ins; they are tried after those of the options.</summary>
    public void Learn(ConnectionOptions current, IReadOnlyDictionary<Symbol, object?> properties)
    {
        if (properties.GetValueOrDefault(FailoverServerList) is not IEnumerable<object?> servers)
            return;
        _learnt = [.. servers.Take(MaxLearnt).Select(server => Target(current, server)).OfType<ConnectionOptions>()
            .ExceptBy(Configured.Select(Endpoint), Endpoint, StringComparer.OrdinalIgnoreCase).DistinctBy(Endpoint, StringComparer.OrdinalIgnoreCase)];
    }

    public void Forget(ConnectionOptions learnt) => _learnt = [.. _learnt.Where(server => server != learnt)];

    /// <summary>Where an error redirects to (part 2, 2.8.16); null when it names no host, or would lead from TLS to clear text. A server of the options has its own login there too.</summary>
    public ConnectionOptions? Redirect(ConnectionOptions current, AmqpError error)
    {
        if (Target(current, error.Info) is not { } target)
            return null;
        if (Configured.FirstOrDefault(server => Endpoint(server).Equals(Endpoint(target), StringComparison.OrdinalIgnoreCase)) is not { } known)
            return target;
        return !target.IsLoginWithheld && Value(error.Info, HostnameKey) is string virtualHost ? known.WithVirtualHost(virtualHost) : known;
    }

    /// <summary>Whether an error names another server, or only another address at the same one.</summary>
    public static bool NamesServer(AmqpError error) => Value(error.Info, NetworkHost) is not null;

    private static string Endpoint(ConnectionOptions server) => ConnectionUrl.Parse(server.Url).Endpoint;

    /// <summary>
    /// Whether the login of the connection goes where a server says: one that has it itself, and when only that one can have said it.
    /// On clear text, and on TLS that is not verified, anybody on the way can; and a server that such a one has named speaks for him.
    /// </summary>
    private static bool IsTrusted(ConnectionOptions current, ConnectionUrl url) =>
        current is { IsLoginWithheld: false, HasOwnLogin: false } && (url.Scheme == ConnectionUrl.InProcess || (url.UsesTls && current.Tls?.Verify != false));

    /// <summary>The user and password of a URL or of an endpoint belong to its own server and do not go to another; those of the connection's options do, where a server is known to have asked for it.</summary>
    private ConnectionOptions? Target(ConnectionOptions current, object? server)
    {
        if (Value(server, NetworkHost) is not string { Length: > 0 and <= LongestHost } host)
            return null;
        ConnectionUrl url = ConnectionUrl.Parse(current.Url);
        string scheme = (Value(server, Scheme) ?? url.Scheme).ToString()!;
        if (url.Scheme != scheme && scheme != ConnectionUrl.Amqps)
            return null;
        string port = Value(server, Port) is { } number and not "" ? string.Create(CultureInfo.InvariantCulture, $":{number}") : "";
        string text = host.Contains(':', StringComparison.Ordinal) ? $"{scheme}://[{host}]{port}" : $"{scheme}://{host}{port}";
        return ConnectionUrl.TryParse(text, out ConnectionUrl target) && (target.Port > 0 || scheme == ConnectionUrl.InProcess) && target.User is null && target.Path is null && target.Host.Equals(host, StringComparison.OrdinalIgnoreCase)
            ? options.ForNamed(text, Value(server, HostnameKey) as string, IsTrusted(current, url))
            : null;
    }

    private static object? Value(object? map, Symbol key) => map switch
    {
        IReadOnlyDictionary<Symbol, object?> fields => fields.GetValueOrDefault(key),
        System.Collections.IDictionary any => any[key] ?? any[key.Value],
        _ => null,
    };
}
