using System.Text;

namespace Messaging.Security;

/// <summary>A user and password. It has no text form, so that neither can reach a log.</summary>
internal sealed class Credentials(string user, string password)
{
    public string User { get; } = user;

    /// <summary>The PLAIN message (RFC 4616): no authorization identity, NUL, user, NUL, password.</summary>
    public byte[] ToPlainMessage() => Encoding.UTF8.GetBytes($"\0{User}\0{password}");

    public override string ToString() => "(credentials)";
}
