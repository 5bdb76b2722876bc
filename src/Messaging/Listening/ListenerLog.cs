using Microsoft.Extensions.Logging;

namespace Messaging.Listening;

internal static partial class ListenerLog
{
    [LoggerMessage(EventId = 1101, Level = LogLevel.Warning, Message = "Listener {Url} has {Limit} connections, its limit: the one from {RemoteEndPoint} was closed")]
    public static partial void TooManyConnections(ILogger logger, string url, int limit, string remoteEndPoint);
}
