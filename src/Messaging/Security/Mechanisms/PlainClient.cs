using System.Text;

namespace Messaging.Security.Mechanisms;

/// <summary>PLAIN (RFC 4616) on a client: no authorization identity, NUL, user, NUL, password.</summary>
internal sealed class PlainClient : ISaslClientMechanism
{
    public string Name => "PLAIN";

    public bool RequiresEncryption => true;

    public ISaslClientExchange? TryStart(SaslClientContext context, out string? problem)
    {
        problem = null;
        if (context.Credentials is not { User: { Length: > 0 } user, Password: { } password })
            problem = "needs a user and a password";
        else if (user.Contains('\0', StringComparison.Ordinal) || password.Contains('\0', StringComparison.Ordinal))
            problem = "cannot carry a NUL character in the user or the password";
        else
            return new OneMessage(Name, Encoding.UTF8.GetBytes($"\0{user}\0{password}"));
        return null;
    }
}
