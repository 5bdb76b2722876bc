using Microsoft.Extensions.Logging;

namespace Messaging.Configuration;

internal static partial class ConnectFileLog
{
    [LoggerMessage(EventId = 1020, Level = LogLevel.Information, Message = "Connection settings read from {File}")]
    public static partial void Read(ILogger logger, string file);

    [LoggerMessage(EventId = 1021, Level = LogLevel.Information, Message = "There is no connect.json; connecting to {Url}")]
    public static partial void NoFile(ILogger logger, string url);
}
