using Messaging.Amqp;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker;

internal static partial class BrokerLog
{
    [LoggerMessage(EventId = 7001, Level = LogLevel.Information, Message = "Broker at {Url} has stopped")]
    public static partial void Stopped(ILogger logger, string url);

    [LoggerMessage(EventId = 7003, Level = LogLevel.Debug, Message = "Connection from {RemoteContainerId} ended: {Reason}")]
    public static partial void ConnectionEnded(ILogger logger, PeerText remoteContainerId, string reason);

    [LoggerMessage(EventId = 7004, Level = LogLevel.Information, Message = "Link '{Link}' of {RemoteContainerId} was refused: {Error}")]
    public static partial void LinkRefused(ILogger logger, PeerText link, PeerText remoteContainerId, AmqpError error);

    [LoggerMessage(EventId = 7005, Level = LogLevel.Debug, Message = "Link '{Link}' on queue '{Queue}' ended: {Reason}")]
    public static partial void LinkEnded(ILogger logger, PeerText link, PeerText queue, string reason);

    [LoggerMessage(EventId = 7006, Level = LogLevel.Error, Message = "The handler of {What} failed; please report it")]
    public static partial void HandlerFailed(ILogger logger, PeerText what, Exception exception);

    [LoggerMessage(EventId = 7007, Level = LogLevel.Error, Message = "AuthorizeLink threw or gave no answer in time; the message was rejected")]
    public static partial void HookFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventId = 7010, Level = LogLevel.Information, Message = "Queue '{Queue}' was made")]
    public static partial void QueueMade(ILogger logger, PeerText queue);

    [LoggerMessage(EventId = 7011, Level = LogLevel.Information, Message = "Queue '{Queue}' was deleted with {Count} messages")]
    public static partial void QueueDeleted(ILogger logger, PeerText queue, int count);

    [LoggerMessage(EventId = 7020, Level = LogLevel.Warning, Message = "A message of queue '{Queue}' was rejected by link '{Link}' and is dropped: {Error}")]
    public static partial void MessageRejected(ILogger logger, PeerText queue, PeerText link, AmqpError? error);

    [LoggerMessage(EventId = 7021, Level = LogLevel.Debug, Message = "A message of queue '{Queue}' has outlived its time to live and is dropped")]
    public static partial void MessageExpired(ILogger logger, PeerText queue);

    [LoggerMessage(EventId = 7022, Level = LogLevel.Warning, Message = "A message of queue '{Queue}' is too large for link '{Link}' and waits for another: {Reason}")]
    public static partial void MessageTooLarge(ILogger logger, PeerText queue, PeerText link, string reason);

    [LoggerMessage(EventId = 7023, Level = LogLevel.Warning, Message = "A message on link '{Link}' was refused: {Error}")]
    public static partial void MessageRefused(ILogger logger, PeerText link, AmqpError error);

    [LoggerMessage(EventId = 7024, Level = LogLevel.Warning, Message = "Link '{Link}' from {Container} is not resumed: the one before it has not ended within {Timeout}")]
    public static partial void LinkNotResumed(ILogger logger, PeerText link, PeerText container, TimeSpan timeout);

    [LoggerMessage(EventId = 7025, Level = LogLevel.Warning, Message = "The queue '{Queue}' is full: annotations that link '{Link}' adds to a message are left out")]
    public static partial void AnnotationsLeftOut(ILogger logger, PeerText queue, PeerText link);

    [LoggerMessage(EventId = 7026, Level = LogLevel.Warning, Message = "The queue '{Queue}' is full, and as much waits to come in: a message on link '{Link}', which its sender has settled, is dropped")]
    public static partial void MessageDropped(ILogger logger, PeerText queue, PeerText link);
}
