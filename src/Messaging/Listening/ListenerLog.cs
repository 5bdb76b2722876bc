using Microsoft.Extensions.Logging;

namespace Messaging.Listening;

internal static partial class ListenerLog
{
    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "Listener {Url} has {Limit} connections, its limit: the one from {RemoteEndPoint} was closed")]
    public static partial void TooManyConnections(ILogger logger, string url, int limit, string remoteEndPoint);

    [LoggerMessage(EventId = 1102, Level = LogLevel.Error, Message = "Listener {Url} could not serve the connection from {RemoteEndPoint}")]
    public static partial void NotServed(ILogger logger, string url, string remoteEndPoint, Exception exception);

    [LoggerMessage(EventId = 4101, Level = LogLevel.Information, Message = "Listener {Url}: no TLS with {RemoteEndPoint}: {Reason}")]
    public static partial void NotEstablished(ILogger logger, string url, string remoteEndPoint, string reason);
}
