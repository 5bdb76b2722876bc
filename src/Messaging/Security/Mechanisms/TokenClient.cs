using System.Text;
using System.Text.Json;
using Messaging.Amqp.Framing;

namespace Messaging.Security.Mechanisms;

/// <summary>OAUTHBEARER (RFC 7628) or XOAUTH2 (Google's and Microsoft's predecessor of it) on a client.</summary>
internal sealed class TokenClient(string name, Func<SaslClientContext, string, string> message) : ISaslClientMechanism
{
    public static TokenClient OAuthBearer { get; } = new(
        "OAUTHBEARER",
        static (context, token) => $"n,{Authorization(context)},\u0001host={context.Host}\u0001port={context.Port}\u0001auth=Bearer {token}\u0001\u0001");

    public static TokenClient XOAuth2 { get; } = new(
        "XOAUTH2",
        static (context, token) => $"user={context.Credentials!.User}\u0001auth=Bearer {token}\u0001\u0001");

    /// <summary>What ends an exchange that is refused: OAUTHBEARER has a message for it (RFC 7628, 3.2.3), in XOAUTH2 it is empty, says Google's description.</summary>
    private byte[] End => ReferenceEquals(this, OAuthBearer) ? [1] : [];

    public string Name => name;

    public bool RequiresEncryption => true;

    public ISaslClientExchange? TryStart(SaslClientContext context, out string? problem)
    {
        problem = null;
        if (context.Credentials?.Token is not { Length: > 0 } token)
            problem = "needs a token";
        else if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
            problem = "cannot carry this token: it has characters that are no printable ASCII";
        else if (context.Credentials.User?.AsSpan().ContainsAnyInRange('\0', '\x1F') == true)
            problem = "cannot carry this user name: it has control characters";
        else
            return new Exchange(name, token, End, Encoding.UTF8.GetBytes(message(context, token)));
        return null;
    }

    /// <summary>The user, where one is given (RFC 7628, 3.1: the gs2 header's authzid).</summary>
    private static string Authorization(SaslClientContext context) => context.Credentials!.User is { Length: > 0 } user ? "a=" + ScramText.Escape(user) : "";

    private sealed class Exchange(string name, string token, byte[] end, byte[] message) : ISaslClientExchange
    {
        public string? Explanation { get; private set; }

        public ValueTask<byte[]?> StartAsync(CancellationToken cancellationToken) => new(message);

        /// <summary>The only challenge says why the token is refused; the outcome follows our answer, which says nothing.</summary>
        public ValueTask<byte[]> RespondAsync(ReadOnlyMemory<byte> challenge, CancellationToken cancellationToken)
        {
            if (Explanation is not null)
                throw new SaslException(SaslFailure.ProtocolViolation, $"The peer sent a second challenge, which {name} does not have.");
            Explanation = Explain(challenge);
            return new ValueTask<byte[]>(end);
        }

        public void Complete(ReadOnlyMemory<byte> additionalData)
        {
            if (Explanation is not null)
                throw new SaslException(SaslFailure.ProtocolViolation, $"The peer reports success after it has refused the token: {Explanation}.");
        }

        public void Dispose() => System.Security.Cryptography.CryptographicOperations.ZeroMemory(message);

        /// <summary>Nothing obliges a server to leave the token out of what it says: it is taken out here, before the words reach an exception.</summary>
        private string Explain(ReadOnlyMemory<byte> challenge)
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(challenge, new JsonDocumentOptions { MaxDepth = 8 });
                string[] said = [.. from key in (string[])["status", "scope"]
                                    where document.RootElement.TryGetProperty(key, out _)
                                    select $"{key} {Quote(document.RootElement.GetProperty(key))}"];
                return said.Length > 0 ? string.Join(", ", said) : "without a status";
            }
            catch (Exception exception) when (exception is JsonException or InvalidOperationException)
            {
                return "with an error that is not JSON";
            }
        }

        /// <summary>Only texts and numbers are shown: what is in an object may be escaped in ways in which no token is recognized.</summary>
        private string Quote(JsonElement said) => said.ValueKind is JsonValueKind.String or JsonValueKind.Number
            ? PeerText.Escape(said.ToString().Replace(token, "(token)", StringComparison.Ordinal))
            : $"({said.ValueKind})";
    }
}
