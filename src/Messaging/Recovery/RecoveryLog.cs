using Microsoft.Extensions.Logging;

namespace Messaging.Recovery;

internal static partial class RecoveryLog
{
    [LoggerMessage(EventId = 6001, Level = LogLevel.Information, Message = "Attempt {Attempt} to connect to {Endpoint} failed, the next one in {Delay}: {Reason}")]
    public static partial void AttemptFailed(ILogger logger, int attempt, string endpoint, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 6002, Level = LogLevel.Warning, Message = "Connection {Connection} is lost and will be opened again in {Delay}: {Reason}")]
    public static partial void Lost(ILogger logger, string connection, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 6003, Level = LogLevel.Information, Message = "Connection {Connection} redirects to {Endpoint}")]
    public static partial void Redirected(ILogger logger, string connection, string endpoint);

    [LoggerMessage(EventId = 6012, Level = LogLevel.Information, Message = "Connection {Connection} redirects a link to {Endpoint}: opening a connection there")]
    public static partial void LinkRedirected(ILogger logger, string connection, string endpoint);

    [LoggerMessage(EventId = 6011, Level = LogLevel.Warning, Message = "Connection {Connection} has named {Endpoint}: the login of the connection does not go there, as it does only on the word of a server that has it, over TLS that is verified. List that server in Failover")]
    public static partial void LoginWithheld(ILogger logger, string connection, string endpoint);

    [LoggerMessage(EventId = 6004, Level = LogLevel.Error, Message = "Connection {Connection} is given up: {Reason}")]
    public static partial void GivenUp(ILogger logger, string connection, string reason);

    [LoggerMessage(EventId = 6010, Level = LogLevel.Warning, Message = "{Endpoint}, which a server has named as its stand-in, is not tried again: {Reason}")]
    public static partial void Forgotten(ILogger logger, string endpoint, string reason);
}
