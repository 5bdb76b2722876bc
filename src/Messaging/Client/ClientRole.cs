using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Security;

namespace Messaging.Client;

/// <summary>A connection that this side opens.</summary>
internal sealed class ClientRole(ConnectionOptions options, ConnectionUrl url, bool isTransportSafe) : ConnectionRole
{
    private static readonly Symbol EstablishmentFailed = "amqp:connection-establishment-failed";

    public override string? DefaultAddress => url.Path;

    public override ISaslExchange CreateSasl(Connection connection) => new SaslClient(
        connection.Loop,
        FindCredentials(),
        options.AllowedMechanisms,
        isTransportSafe || options.AllowInsecureMechanisms,
        Hostname(options, url));

    public override void OnOpened(Connection connection, in Open open)
    {
        // Some servers open only to be able to close with a reason, which follows: that is no success.
        if (open.Properties?.GetValueOrDefault(EstablishmentFailed) is not true)
            connection.MarkOpen();
    }

    /// <summary>The host name for open and SASL: the virtual host where one is given.</summary>
    public static string? Hostname(ConnectionOptions options, ConnectionUrl url) => options.VirtualHost switch
    {
        null => url.Host,
        "" => null,
        { } virtualHost => virtualHost,
    };

    private Credentials? FindCredentials() => (options.User ?? url.User) is { Length: > 0 } user
        ? new Credentials(user, options.Password ?? url.Password ?? "")
        : null;
}
