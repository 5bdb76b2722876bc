using System.Globalization;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Security;

/// <summary>What <c>$cbs</c> says to a request: a status like HTTP's, and a text. Nothing of it is trusted.</summary>
internal sealed record CbsAnswer(long? Code, string? Description)
{
    private const int RequestTimeout = 408;
    private const int TooManyRequests = 429;

    /// <summary>Takes the status from the application properties; none when there is none, or it is no number.</summary>
    /// <exception cref="AmqpCodecException">The message is malformed.</exception>
    public static CbsAnswer Read(Message message)
    {
        IDictionary<string, object?> properties = message.ApplicationProperties;
        long? code = properties.TryGetValue("status-code", out object? value) && value is int or uint or short or ushort or byte or sbyte or long
            ? Convert.ToInt64(value, CultureInfo.InvariantCulture)
            : null;
        return new CbsAnswer(code, properties.TryGetValue("status-description", out object? text) ? text as string : null);
    }

    /// <summary>Throws unless the token was taken. A server's text may repeat the token: that is taken out.</summary>
    /// <exception cref="LinkException">It was refused, or the answer has no status.</exception>
    public void ThrowUnlessTaken(string connection, string audience, CbsToken token)
    {
        if (Code is >= 200 and < 300)
            return;
        if (Code is null)
        {
            throw new LinkException(
                $"Connection {connection}: $cbs answered the token for '{audience}' without a status-code that is a number. See the peer's log, or report it to its maker.",
                new AmqpError(ErrorCondition.DecodeError, "no status-code"));
        }

        string said = string.Create(CultureInfo.InvariantCulture, $"{Code} {PeerText.Escape(Redact(Description, token))}").TrimEnd();
        if (Code is RequestTimeout or TooManyRequests or >= 500)
        {
            throw new LinkException(
                $"Connection {connection}: $cbs could not take the token for '{audience}' now: {said}. Try again later.", new AmqpError(ErrorCondition.InternalError, said), isTransient: true);
        }

        throw new LinkException(
            $"Connection {connection}: $cbs refused the token for '{audience}' (amqp:unauthorized-access): {said}. Check what the token's key or user may do there, the audience, and the clock.",
            new AmqpError(ErrorCondition.UnauthorizedAccess, said));
    }

    private static string Redact(string? text, CbsToken token) => string.IsNullOrEmpty(text) || token.Value.Length == 0 ? text ?? "" : text.Replace(token.Value, "(token)", StringComparison.Ordinal);
}
