using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Security;

namespace Messaging.Client;

/// <summary>A connection that this side opens.</summary>
internal sealed class ClientRole(ConnectionOptions options, ConnectionUrl url, SaslCredentials? credentials, TimeSpan handshakeTimeout) : ConnectionRole
{
    private static readonly Symbol EstablishmentFailed = "amqp:connection-establishment-failed";

    private CbsSession? _cbs;

    public override string? DefaultAddress => url.Path ?? options.FallbackAddress;

    public override CbsSession? Cbs => _cbs;

    public override TimeSpan HandshakeTimeout => handshakeTimeout;

    public override WatchdogOptions? Watchdog => options.Watchdog;

    public override ISaslExchange CreateSasl(Connection connection)
    {
        _cbs = options.Cbs is { } cbs ? new CbsSession(connection, cbs, url, options.AllowInsecureMechanisms) : null;
        return new SaslClient(connection.Loop, options, url, credentials);
    }

    public override void OnStopped() => _cbs?.Stop();

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
}
