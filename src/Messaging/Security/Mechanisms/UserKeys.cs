using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Messaging.Security.Mechanisms;

/// <summary>A store whose unknown users look like known ones, at the same cost.</summary>
internal sealed class UserKeys(ISaslUserStore store)
{
    /// <summary>One secret for each store, whatever listeners share it: a made-up salt must not change from one to the other.</summary>
    private static readonly ConditionalWeakTable<ISaslUserStore, byte[]> Secrets = [];

    private readonly byte[] _secret = Secrets.GetValue(store, static _ => RandomNumberGenerator.GetBytes(32));

    public IReadOnlyList<ScramHash> Hashes => store.Hashes;

    /// <summary>The keys of a user, and whether there is one: keys that were made up fit no password, but that is not to be relied upon.</summary>
    /// <exception cref="InvalidDataException">The keys are not those of the hash.</exception>
    public async ValueTask<(ScramKeys Keys, bool IsKnown)> FindAsync(string user, ScramHash hash, CancellationToken cancellationToken)
    {
        ScramKeys madeUp = ScramKeys.ForUnknownUser(_secret, user, hash, store.Iterations); // in any case: it takes time
        ScramKeys? found = await store.FindAsync(user, hash, cancellationToken).ConfigureAwait(false);
        ScramKeys keys = found ?? madeUp;
        int length = Scram.Length(hash);
        if (keys.Salt.IsEmpty || keys.StoredKey.Length != length || keys.ServerKey.Length != length || keys.Iterations < 1)
            throw new InvalidDataException($"The user store gave keys that are not of {hash}: {keys.StoredKey.Length} and {keys.ServerKey.Length} bytes, {keys.Iterations} iterations.");
        return (keys, found is not null);
    }
}
