using Microsoft.Extensions.Logging;

namespace Messaging.Security;

internal static partial class SecurityLog
{
    [LoggerMessage(EventId = 5001, Level = LogLevel.Error, Message = "Connection {Connection}: the authentication by {Mechanism} threw; the login was refused")]
    public static partial void AuthenticatorFailed(ILogger logger, string connection, string? mechanism, Exception exception);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Debug, Message = "Connection {Connection}: authenticated by {Mechanism}")]
    public static partial void Authenticated(ILogger logger, string connection, string mechanism);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning, Message = "Connection {Connection}: the peer's login by {Mechanism} was refused (outcome {Code}): {Reason}")]
    public static partial void Refused(ILogger logger, string connection, string? mechanism, byte code, string reason);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Warning, Message = "Connection {Connection}: a SASL mechanism threw {Exception} when its exchange was disposed")]
    public static partial void CleanUpFailed(ILogger logger, string connection, string exception);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Warning, Message = "Listener {Url}: no SASL mechanism can be offered to {RemoteEndPoint}, so that nobody can log in. Set Users or AllowAnonymous; password and token mechanisms need amqps or AllowInsecureMechanisms")]
    public static partial void NothingToOffer(ILogger logger, string url, string remoteEndPoint);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Error, Message = "Listener {Url}: the SASL mechanism {Mechanism} threw when asked whether it can be used; it is not offered")]
    public static partial void MechanismFailed(ILogger logger, string url, string mechanism, Exception exception);
}
