using Microsoft.Extensions.Logging;

namespace Messaging.Client;

internal static partial class LinkLog
{
    [LoggerMessage(EventId = 3001, Level = LogLevel.Debug, Message = "{Link} attached")]
    public static partial void Attached(ILogger logger, string link);

    [LoggerMessage(EventId = 3007, Level = LogLevel.Warning, Message = "{Link} moves to another session: the peer ended the one it was on")]
    public static partial void Moved(ILogger logger, string link);

    [LoggerMessage(EventId = 3008, Level = LogLevel.Warning, Message = "{Link} is lost and will be attached again in {Delay}: {Reason}")]
    public static partial void Lost(ILogger logger, string link, TimeSpan delay, string reason);

    [LoggerMessage(EventId = 3009, Level = LogLevel.Warning, Message = "{Link}: {Count} messages that were sent and not settled go out again, with the same delivery tags: the peer may get them twice")]
    public static partial void Resending(ILogger logger, string link, int count);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Warning, Message = "{Link} has done nothing for {Duration} (a sender without credit, or a receiver with credit and without messages); the peer answers: {PeerAnswers}")]
    public static partial void Stalled(ILogger logger, string link, TimeSpan duration, bool peerAnswers);

    [LoggerMessage(EventId = 3010, Level = LogLevel.Information, Message = "{Link} is resumed: of the messages that were sent and not settled the peer had settled {Settled}; {Resent} may get there twice")]
    public static partial void Resumed(ILogger logger, string link, int settled, int resent);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Warning, Message = "{Link} cannot be resumed, {Count} messages that were sent and not settled go out again: {Reason}")]
    public static partial void NotResumed(ILogger logger, string link, int count, string reason);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Warning, Message = "A sender to '{Address}' of connection {Connection} will not be resumed, but send again what was not settled: {Reason}")]
    public static partial void CannotResume(ILogger logger, string? address, string connection, string reason);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Warning, Message = "{Link} takes at most {Limit} bytes (max-message-size) since it was attached again: {Count} messages that waited for it are larger and are refused")]
    public static partial void TooLarge(ILogger logger, string link, ulong limit, int count);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Information, Message = "{Link} ended by {Initiator}: {Reason}")]
    public static partial void Ended(ILogger logger, string link, CloseInitiator initiator, string reason);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Warning, Message = "{Link}: a stream was left before its delivery was settled; it goes back as modified(delivery-failed). Accept it before a break if it was processed")]
    public static partial void LeftUnsettled(ILogger logger, string link);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Error, Message = "{Link}: a message handler threw; the delivery goes back as modified(delivery-failed)")]
    public static partial void HandlerFailed(ILogger logger, string link, Exception exception);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Information, Message = "{Link}: {Count} settlements did not reach the peer, because the connection or session on which the deliveries came was lost before: the peer will deliver the messages again")]
    public static partial void SettlementsLost(ILogger logger, string link, int count);

    [LoggerMessage(EventId = 3006, Level = LogLevel.Debug, Message = "{Link} could not be closed gracefully: {Reason}")]
    public static partial void CloseFailed(ILogger logger, string link, string reason);
}
