using Messaging.Security.Gssapi;
using Messaging.Transport;
using Microsoft.Extensions.Logging;

namespace Messaging.Security.Mechanisms;

/// <summary>What a listener offers, the strongest first; the application's own before those of the SDK.</summary>
internal sealed class ListenerMechanisms(ListenerOptions options)
{
    private readonly ISaslServerMechanism[] _allowed =
    [
        .. options.CustomMechanisms.Concat(Ranked(options))
            .Where(mechanism => Scram.IsAllowed(mechanism.Name, options.AllowedMechanisms)),
    ];

    /// <summary>What can be offered on this connection.</summary>
    public IReadOnlyList<ISaslServerMechanism> Offer(ITransport transport, ILogger logger)
    {
        SaslServerContext context = ServerContext.Of(transport);
        ISaslServerMechanism[] offered = [.. _allowed.Where(mechanism => IsUsable(mechanism, context, logger))];
        if (offered.Length == 0)
            SecurityLog.NothingToOffer(logger, options.Url, transport.RemoteEndPoint);
        return offered;
    }

    private static IEnumerable<ISaslServerMechanism> Ranked(ListenerOptions options)
    {
        UserKeys? users = options.Users is { } store ? new UserKeys(store) : null;
        yield return new ExternalServer(options.CertificateIdentity);
        if (options.AllowKerberos)
            yield return new GssapiServerMechanism();
        foreach (ScramHash hash in (ScramHash[])[ScramHash.Sha512, ScramHash.Sha256, ScramHash.Sha1])
        {
            if (users?.Hashes.Contains(hash) != true)
                continue;
            yield return new ScramServer(users, hash, isPlus: true);
            yield return new ScramServer(users, hash, isPlus: false);
        }

        if (options.AuthenticateToken is { } authenticate)
        {
            yield return new TokenServer(isXOAuth2: false, authenticate);
            yield return new TokenServer(isXOAuth2: true, authenticate);
        }

        if ((options.AuthenticatePlain ?? (users is null ? null : new StoredPasswords(users).CheckAsync)) is { } check)
            yield return new PlainServer(check);
        if (options.IsAnonymousAllowed)
            yield return new AnonymousServer();
    }

    /// <summary>A mechanism of the application's own that throws must not end the listener.</summary>
    private bool IsUsable(ISaslServerMechanism mechanism, SaslServerContext context, ILogger logger)
    {
        try
        {
            return (context.IsEncrypted || options.AllowInsecureMechanisms || !mechanism.RequiresEncryption) && mechanism.IsUsable(context);
        }
        catch (Exception exception)
        {
            SecurityLog.MechanismFailed(logger, options.Url, mechanism.Name, exception);
            return false;
        }
    }
}
