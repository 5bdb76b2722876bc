using Microsoft.Extensions.Logging;

namespace Messaging.Security;

internal static partial class CbsLog
{
    [LoggerMessage(EventId = 5201, Level = LogLevel.Debug, Message = "Connection {Connection}: the peer has taken a token for '{Audience}' that is valid until {ExpiresAt:u}")]
    public static partial void Put(ILogger logger, string connection, string audience, DateTimeOffset expiresAt);

    [LoggerMessage(EventId = 5202, Level = LogLevel.Warning, Message = "Connection {Connection}: the token for '{Audience}', valid until {ExpiresAt:u}, could not be renewed; next attempt in {Pause}: {Reason}")]
    public static partial void RenewalFailed(ILogger logger, string connection, string audience, DateTimeOffset expiresAt, TimeSpan pause, string reason);

    [LoggerMessage(EventId = 5203, Level = LogLevel.Error, Message = "Connection {Connection}: the token for '{Audience}' expires at {ExpiresAt:u} and could not be renewed; the server may end the links that use it: {Reason}")]
    public static partial void Expiring(ILogger logger, string connection, string audience, DateTimeOffset expiresAt, string reason);

    [LoggerMessage(EventId = 5204, Level = LogLevel.Debug, Message = "Connection {Connection}: $cbs sent something that answers no request of ours; it was ignored")]
    public static partial void Unasked(ILogger logger, string connection);
}
