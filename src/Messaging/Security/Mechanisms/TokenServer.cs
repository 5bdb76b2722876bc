using System.Text;

namespace Messaging.Security.Mechanisms;

/// <summary>OAUTHBEARER (RFC 7628) or XOAUTH2 on a listener: the application says who is behind a token.</summary>
internal sealed class TokenServer(bool isXOAuth2, Func<string, CancellationToken, ValueTask<string?>> authenticate) : ISaslServerMechanism
{
    private const char Separator = '\u0001';
    private const string Bearer = "Bearer ";

    public string Name => isXOAuth2 ? "XOAUTH2" : "OAUTHBEARER";

    public bool RequiresEncryption => true;

    public bool IsUsable(SaslServerContext context) => true;

    public ISaslServerExchange Start(SaslServerContext context) => new Exchange(isXOAuth2, authenticate);

    private sealed class Exchange(bool isXOAuth2, Func<string, CancellationToken, ValueTask<string?>> authenticate) : ISaslServerExchange
    {
        private bool _isRefused;

        public async ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken)
        {
            if (_isRefused)
                return SaslServerStep.Refused("the token is not valid");
            if (response is not { } bytes)
                return SaslServerStep.Challenge(default); // RFC 4422, 3: a client without an initial response is asked for it
            if (!ScramText.TryDecode(bytes.Span, out string message) || !TryRead(message, out string token, out string authorization))
                return SaslServerStep.Refused("the message is malformed");

            string? identity = token.Length == 0 ? null : await authenticate(token, cancellationToken).ConfigureAwait(false);
            if (string.IsNullOrEmpty(identity))
            {
                _isRefused = true; // the client hears why first, and answers (RFC 7628, 3.2.3)
                return SaslServerStep.Challenge("""{"status":"invalid_token"}"""u8.ToArray());
            }

            return authorization.Length == 0 || string.Equals(authorization, identity, StringComparison.Ordinal)
                ? SaslServerStep.Success(identity)
                : SaslServerStep.Refused("the client asks to act for somebody else than its token names");
        }

        public void Dispose()
        {
        }

        /// <summary>Key-value pairs between separators; the token is the one of "auth". An OAUTHBEARER message begins with a gs2 header, in XOAUTH2 the user counts for nothing beside the token.</summary>
        private bool TryRead(string message, out string token, out string authorization)
        {
            token = authorization = "";
            if (!message.EndsWith("\u0001\u0001", StringComparison.Ordinal) || message.Length < 3)
                return false;
            string[] parts = message[..^2].Split(Separator);
            if (isXOAuth2 ? !parts[0].StartsWith("user=", StringComparison.Ordinal) : !TryReadHeader(parts[0], out authorization))
                return false;
            if (parts.FirstOrDefault(static part => part.StartsWith("auth=", StringComparison.Ordinal)) is { } auth)
            {
                if (!auth.AsSpan(5).StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
                    return false;
                token = auth[(5 + Bearer.Length)..].Trim();
            }

            return true;
        }

        /// <summary>n,[a=authzid],</summary>
        private static bool TryReadHeader(string header, out string authorization)
        {
            authorization = "";
            if (header.Split(',') is not ["n" or "y", var attribute, ""])
                return false;
            return attribute.Length == 0 || (attribute.StartsWith("a=", StringComparison.Ordinal) && ScramText.TryUnescape(attribute[2..], out authorization));
        }
    }
}
