using Messaging.Security.Prep;

namespace Messaging.Security.Mechanisms;

/// <summary>SCRAM (RFC 5802, RFC 7677) on a client, with or without channel binding.</summary>
/// <param name="hash">The hash.</param>
/// <param name="isPlus">Whether it binds the login to the TLS channel.</param>
/// <param name="nonce">Makes our nonce; tests give the one of an RFC.</param>
internal sealed class ScramClient(ScramHash hash, bool isPlus, Func<string>? nonce = null) : ISaslClientMechanism
{
    public string Name { get; } = Scram.Mechanism(hash, isPlus);

    public bool RequiresEncryption => false;

    public ISaslClientExchange? TryStart(SaslClientContext context, out string? problem)
    {
        problem = null;
        if (isPlus && context.ServerEndPointBinding.IsEmpty)
            problem = "needs TLS with a certificate that has a channel binding";
        else if (context.Credentials is not { User: { Length: > 0 } user, Password: { } password })
            problem = "needs a user and a password";
        else if (!SaslPrep.TryPrepare(user, isStored: false, out string name) || name.Length == 0)
            problem = "cannot carry this user name: it has characters that SASLprep (RFC 4013) refuses";
        else if (!Scram.TryPreparePassword(password, out byte[] prepared))
            problem = "cannot use this password: it has characters that SASLprep (RFC 4013) refuses";
        else
            return new ScramClientExchange(hash, name, prepared, Header(context), isPlus ? context.ServerEndPointBinding : default, (nonce ?? Scram.Nonce)());
        return null;
    }

    /// <summary>The gs2 header (RFC 5802, 6): "y" tells a server that does offer the binding that somebody has removed it from its offer.</summary>
    private string Header(SaslClientContext context)
    {
        if (isPlus)
            return $"p={Scram.Binding},,";
        bool couldBind = !context.ServerEndPointBinding.IsEmpty && !context.OfferedMechanisms.Contains(Scram.Mechanism(hash, isPlus: true), StringComparer.Ordinal);
        return couldBind ? "y,," : "n,,";
    }
}
