using Messaging.Amqp.Engine;
using Messaging.Loop;
using Messaging.Security;
using Messaging.Transport;
using Microsoft.Extensions.Logging;

namespace Messaging.Client;

/// <summary>One attempt at one server: transport, SASL and open, within the time for the handshake.</summary>
/// <param name="options">The server, and how to reach it.</param>
/// <param name="containerId">Ours, where the options have none.</param>
/// <param name="time">The clock.</param>
/// <param name="loggers">The loggers.</param>
/// <param name="wasOpen">Whether the connection has been open before.</param>
internal sealed class Connector(ConnectionOptions options, string containerId, TimeProvider time, ILoggerFactory loggers, bool wasOpen)
{
    private readonly ILogger _logger = loggers.CreateLogger("Messaging.Connection");
    private readonly ConnectionUrl _url = ConnectionUrl.Parse(options.Url);
    private readonly CredentialSource _credentials = new(options, time);

    /// <summary>Credentials that were refused are asked for once more, where a provider gives them: they may have been changed since.</summary>
    /// <exception cref="MessagingException">The attempt failed.</exception>
    public async Task OpenAsync(Connection connection, CancellationToken cancellationToken)
    {
        try
        {
            await OpenAsync(connection, await _credentials.GetAsync(_url, wereRefused: false, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (SaslException exception) when (exception.Failure == SaslFailure.CredentialsRefused && _credentials.CanRenew)
        {
            await OpenAsync(connection, await _credentials.GetAsync(_url, wereRefused: true, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task OpenAsync(Connection connection, SaslCredentials? credentials, CancellationToken cancellationToken)
    {
        long started = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(options.HandshakeTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ITransport transport;
        try
        {
            transport = await TransportFactory.ConnectAsync(
                _url,
                new TransportSettings { TimeProvider = time, Logger = loggers.CreateLogger("Messaging.Transport"), Tls = options.Tls ?? new TlsOptions(), VirtualHost = options.VirtualHost, WereFilesGood = wasOpen },
                both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new MessagingConnectionException($"Connection {_url}: {exception.Message} It took longer than HandshakeTimeout, {options.HandshakeTimeout}. Check that the server is up, or raise it.", isTransient: true, innerException: exception);
        }

        await connection.OpenAsync(transport, Settings(), new ClientRole(options, _url, credentials, TimeLimits.Left(options.HandshakeTimeout, time.GetElapsedTime(started))), cancellationToken).ConfigureAwait(false);
    }

    public LoopSettings Settings() => new()
    {
        TimeProvider = time,
        Logger = _logger,
        Name = _url.ToString(),
        WriteTimeout = options.WriteTimeout,
        OperationTimeout = options.OperationTimeout,
        Engine = new EngineSettings
        {
            ContainerId = options.ContainerId ?? containerId,
            Hostname = ClientRole.Hostname(options, _url),
            MaxFrameSize = (uint)options.MaxFrameSize,
            ChannelMax = (ushort)options.ChannelMax,
            IdleTimeout = (uint)options.IdleTimeout.TotalMilliseconds,
            UseSasl = options.SaslEnabled,
            OfferedCapabilities = options.OfferedCapabilities.ToArrayOrNull(),
            DesiredCapabilities = options.DesiredCapabilities.ToArrayOrNull(),
            Properties = options.Properties ?? Product.Properties,
            Trace = FrameTrace.For(_logger, _url.ToString()),
        },
    };
}
