using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>The logs of TLS: event ids 4100 to 4199.</summary>
internal static partial class TlsLog
{
    [LoggerMessage(4100, LogLevel.Debug, "{Description} from {LocalEndPoint} to {RemoteEndPoint}, the peer's certificate: {Certificate}")]
    public static partial void Established(ILogger logger, string description, string localEndPoint, string remoteEndPoint, string certificate);

    [LoggerMessage(4102, LogLevel.Information, "The certificates {Files} have changed: new connections use them")]
    public static partial void FilesReloaded(ILogger logger, string files);

    [LoggerMessage(4103, LogLevel.Error, "The certificates {Files} have changed and cannot be used, the old ones stay in use: {Reason}")]
    public static partial void FilesRefused(ILogger logger, string files, string reason);

    [LoggerMessage(4104, LogLevel.Warning, "{Url}: the server's certificate is not verified (Tls.Verify is false): anybody can be this server")]
    public static partial void NotVerified(ILogger logger, string url);

    [LoggerMessage(4105, LogLevel.Debug, "{RemoteEndPoint} failed in the TLS handshake for {Url}, the next address is tried: {Reason}")]
    public static partial void NextAddress(ILogger logger, string remoteEndPoint, string url, string reason);
}
