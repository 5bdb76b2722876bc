using Messaging.Amqp.Engine;
using Messaging.Loop;
using Microsoft.Extensions.Logging;

namespace Messaging.Client;

/// <summary>Prints each frame: to the log at level Trace, and to stderr with PN_TRACE_FRM=1 as Qpid Proton does. SASL payloads are redacted by the printer.</summary>
internal sealed class FrameTrace : IFrameTrace
{
    private static readonly bool IsToStandardError = Environment.GetEnvironmentVariable("PN_TRACE_FRM") is "1" or "true";

    private readonly ILogger _logger;
    private readonly string _connection;

    private FrameTrace(ILogger logger, string connection)
    {
        _logger = logger;
        _connection = connection;
    }

    /// <summary>A trace if anybody looks at it, else null: frames are then not printed at all.</summary>
    public static FrameTrace? For(ILogger logger, string connection) =>
        IsToStandardError || logger.IsEnabled(LogLevel.Trace) ? new FrameTrace(logger, connection) : null;

    public void Frame(bool outgoing, ushort channel, string text)
    {
        string direction = outgoing ? "->" : "<-";
        LoopLog.Frame(_logger, _connection, direction, channel, text);
        if (IsToStandardError)
            Console.Error.WriteLine($"[{_connection}]:{channel} {direction} {text}");
    }
}
