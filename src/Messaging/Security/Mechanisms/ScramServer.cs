namespace Messaging.Security.Mechanisms;

/// <summary>SCRAM (RFC 5802, RFC 7677) on a listener, with or without channel binding.</summary>
/// <param name="users">The users.</param>
/// <param name="hash">The hash.</param>
/// <param name="isPlus">Whether it binds the login to the TLS channel.</param>
/// <param name="nonce">Makes our part of the nonce; tests give the one of an RFC.</param>
internal sealed class ScramServer(UserKeys users, ScramHash hash, bool isPlus, Func<string>? nonce = null) : ISaslServerMechanism
{
    public string Name { get; } = Scram.Mechanism(hash, isPlus);

    public bool RequiresEncryption => false;

    public bool IsUsable(SaslServerContext context) => !isPlus || !context.ServerEndPointBinding.IsEmpty;

    public ISaslServerExchange Start(SaslServerContext context) => new ScramServerExchange(
        users,
        hash,
        isPlus,
        isPlus ? context.ServerEndPointBinding : default,
        context.OfferedMechanisms.Contains(Scram.Mechanism(hash, isPlus: true), StringComparer.Ordinal),
        (nonce ?? Scram.Nonce)());
}
