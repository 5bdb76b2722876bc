using Messaging.Security.Prep;

namespace Messaging.Security.Mechanisms;

/// <summary>PLAIN (RFC 4616) on a listener.</summary>
/// <param name="check">Whether the password is the user's.</param>
internal sealed class PlainServer(Func<string, string, CancellationToken, ValueTask<bool>> check) : ISaslServerMechanism, ISaslServerExchange
{
    public string Name => "PLAIN";

    public bool RequiresEncryption => true;

    public bool IsUsable(SaslServerContext context) => true;

    public ISaslServerExchange Start(SaslServerContext context) => this;

    public async ValueTask<SaslServerStep> StepAsync(ReadOnlyMemory<byte>? response, CancellationToken cancellationToken)
    {
        if (response is not { } message)
            return SaslServerStep.Challenge(default); // RFC 4422, 3: a client without an initial response is asked for it
        if (!TryParse(message.Span, out string user, out string password))
            return SaslServerStep.Refused("the message is malformed, or asks to act for somebody else");
        return await check(user, password, cancellationToken).ConfigureAwait(false)
            ? SaslServerStep.Success(user)
            : SaslServerStep.Refused("the user is unknown or the password is wrong");
    }

    public void Dispose()
    {
    }

    /// <summary>
    /// [authzid] NUL authcid NUL passwd. To act for somebody else is not supported. The user is the one that SASLprep makes of the name: two ways of typing it must not be two identities.
    /// An empty password is malformed (RFC 4616, 2), and to a directory a wish to be let in unasked (RFC 4513, 5.1.2).
    /// </summary>
    private static bool TryParse(ReadOnlySpan<byte> message, out string user, out string password)
    {
        user = password = "";
        if (!ScramText.TryDecode(message, out string text))
            return false;
        string[] parts = text.Split('\0');
        if (parts.Length != 3 || parts[2].Length == 0 || (parts[0].Length > 0 && !string.Equals(parts[0], parts[1], StringComparison.Ordinal)))
            return false;
        password = parts[2];
        return SaslPrep.TryPrepare(parts[1], isStored: false, out user) && user.Length > 0;
    }
}
