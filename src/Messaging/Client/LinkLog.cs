using Microsoft.Extensions.Logging;

namespace Messaging.Client;

internal static partial class LinkLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Debug, Message = "{Link} attached")]
    public static partial void Attached(ILogger logger, string link);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Warning, Message = "{Link} moves to another session: the peer ended the one it was on")]
    public static partial void Moved(ILogger logger, string link);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "{Link} ended by {Initiator}: {Reason}")]
    public static partial void Ended(ILogger logger, string link, CloseInitiator initiator, string reason);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "{Link}: a stream was left before its delivery was settled; it goes back as modified(delivery-failed). Accept it before a break if it was processed")]
    public static partial void LeftUnsettled(ILogger logger, string link);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Error, Message = "{Link}: a message handler threw; the delivery goes back as modified(delivery-failed)")]
    public static partial void HandlerFailed(ILogger logger, string link, Exception exception);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Debug, Message = "{Link}: a settlement did not reach the peer: {Reason}")]
    public static partial void SettlementLost(ILogger logger, string link, string reason);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Debug, Message = "{Link} could not be closed gracefully: {Reason}")]
    public static partial void CloseFailed(ILogger logger, string link, string reason);
}
