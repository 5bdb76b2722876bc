using Microsoft.Extensions.Logging;

namespace Messaging.Loop;

internal static partial class LoopLog
{
    [LoggerMessage(EventId = 1001, Level = LogLevel.Information, Message = "Connection {Connection} opened to container {RemoteContainerId}")]
    public static partial void Opened(ILogger logger, string connection, string remoteContainerId);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Information, Message = "Connection {Connection} ended by {Initiator}: {Reason}")]
    public static partial void Ended(ILogger logger, string connection, CloseInitiator initiator, string reason);

    [LoggerMessage(EventId = 1003, Level = LogLevel.Error, Message = "Connection {Connection} failed inside the SDK; please report it")]
    public static partial void Crashed(ILogger logger, string connection, Exception exception);

    [LoggerMessage(EventId = 1004, Level = LogLevel.Debug, Message = "Connection {Connection}: the peer no longer reads")]
    public static partial void PeerStoppedReading(ILogger logger, string connection);

    [LoggerMessage(EventId = 1005, Level = LogLevel.Debug, Message = "Connection {Connection}: the pending read ended: {Reason}")]
    public static partial void ReadEnded(ILogger logger, string connection, string reason);

    [LoggerMessage(EventId = 1007, Level = LogLevel.Warning, Message = "A handler of an event of connection {Connection} threw")]
    public static partial void EventHandlerFailed(ILogger logger, string connection, Exception exception);

    [LoggerMessage(EventId = 1009, Level = LogLevel.Error, Message = "Connection {Connection}: AcceptSession threw; the session was refused")]
    public static partial void AcceptSessionFailed(ILogger logger, string connection, Exception exception);

    [LoggerMessage(EventId = 1008, Level = LogLevel.Trace, Message = "{Connection} {Direction} {Channel} {Frame}")]
    public static partial void Frame(ILogger logger, string connection, string direction, ushort channel, string frame);
}
