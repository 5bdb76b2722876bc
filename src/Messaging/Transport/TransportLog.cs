using Microsoft.Extensions.Logging;

namespace Messaging.Transport;

/// <summary>The logs of this layer: event ids 4000 to 4999.</summary>
internal static partial class TransportLog
{
    [LoggerMessage(4000, LogLevel.Debug, "Connected from {LocalEndPoint} to {RemoteEndPoint}")]
    public static partial void Connected(ILogger logger, string localEndPoint, string remoteEndPoint);

    [LoggerMessage(4001, LogLevel.Debug, "Connecting to {RemoteEndPoint} for {Url} failed: {Reason}")]
    public static partial void AddressFailed(ILogger logger, string remoteEndPoint, string url, string reason);

    [LoggerMessage(4002, LogLevel.Information, "Listening on {Url} ({EndPoints})")]
    public static partial void Listening(ILogger logger, string url, string endPoints);

    [LoggerMessage(4003, LogLevel.Debug, "{Url} accepted {RemoteEndPoint}")]
    public static partial void Accepted(ILogger logger, string url, string remoteEndPoint);

    [LoggerMessage(4004, LogLevel.Debug, "{Url}: a connection was gone before it was accepted: {Reason}")]
    public static partial void AcceptFailed(ILogger logger, string url, string reason);

    [LoggerMessage(4005, LogLevel.Warning, "{Url} cannot accept now and tries again in {Pause}: {Reason}")]
    public static partial void AcceptPaused(ILogger logger, string url, TimeSpan pause, string reason);

    [LoggerMessage(4006, LogLevel.Debug, "Aborted the stream from {LocalEndPoint} to {RemoteEndPoint}")]
    public static partial void Aborted(ILogger logger, string localEndPoint, string remoteEndPoint);

    [LoggerMessage(4007, LogLevel.Debug, "Closed the stream from {LocalEndPoint} to {RemoteEndPoint}")]
    public static partial void Closed(ILogger logger, string localEndPoint, string remoteEndPoint);

    [LoggerMessage(4008, LogLevel.Information, "Stopped listening on {Url}")]
    public static partial void StoppedListening(ILogger logger, string url);
}
