using Messaging.Security.Gssapi;

namespace Messaging.Security.Mechanisms;

internal static class ClientMechanisms
{
    /// <summary>Those of the SDK, the strongest first; whether one can be used it says itself.</summary>
    public static IReadOnlyList<ISaslClientMechanism> Ranked { get; } =
    [
        new ExternalClient(),
        new GssapiClientMechanism(),
        new ScramClient(ScramHash.Sha512, isPlus: true),
        new ScramClient(ScramHash.Sha512, isPlus: false),
        new ScramClient(ScramHash.Sha256, isPlus: true),
        new ScramClient(ScramHash.Sha256, isPlus: false),
        new ScramClient(ScramHash.Sha1, isPlus: true),
        new ScramClient(ScramHash.Sha1, isPlus: false),
        TokenClient.OAuthBearer,
        TokenClient.XOAuth2,
        new PlainClient(),
        new AnonymousClient(),
    ];
}
