using System.Collections.Concurrent;
using Messaging.Security.Prep;

namespace Messaging;

/// <summary>Users in memory, as salted keys: the passwords themselves are not kept. Safe for concurrent use; users may be added and removed at any time.</summary>
public sealed class InMemoryUserStore : ISaslUserStore
{
    private readonly ConcurrentDictionary<(string User, ScramHash Hash), ScramKeys> _keys = new();
    private readonly byte[] _secret;

    /// <summary>Creates an empty store.</summary>
    /// <param name="iterations">How often passwords are hashed. 4,096 to 1,000,000.</param>
    /// <param name="hashes">The hashes for which keys are kept; <see langword="null"/> for SHA-512, SHA-256 and SHA-1.</param>
    /// <param name="secret">At least 16 random bytes, kept as passwords are, of which the salts of unknown users are made: with the same ones after a restart nobody can tell by a changed salt that a user is unknown. Only for stores whose users come back with the keys that they had, by <see cref="Add(string, ScramHash, ScramKeys)"/>: those added by a password have new salts each time, and would be the ones to change. Empty: new ones for each store.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="iterations"/> is out of its range.</exception>
    /// <exception cref="ArgumentException"><paramref name="hashes"/> is empty, or <paramref name="secret"/> is shorter than 16 bytes and not empty.</exception>
    public InMemoryUserStore(int iterations = ScramKeys.DefaultIterations, IReadOnlyList<ScramHash>? hashes = null, ReadOnlyMemory<byte> secret = default)
    {
        Require.Range(iterations, Security.Mechanisms.Scram.LeastIterations, Security.Mechanisms.Scram.MostIterations);
        if (hashes is { Count: 0 })
            throw new ArgumentException("hashes is empty: name at least one, or leave it null.", nameof(hashes));
        if (secret.Length is > 0 and < ScramKeys.ShortestSecret)
            throw new ArgumentException($"The secret has {secret.Length} bytes; it needs at least {ScramKeys.ShortestSecret}.", nameof(secret));
        _secret = secret.ToArray();
        Iterations = iterations;
        Hashes = hashes is null ? [ScramHash.Sha512, ScramHash.Sha256, ScramHash.Sha1] : [.. hashes];
    }

    /// <inheritdoc/>
    public IReadOnlyList<ScramHash> Hashes { get; }

    /// <inheritdoc/>
    public int Iterations { get; }

    /// <summary>Adds a user, or changes the password of one. Takes the time of hashing the password once for each of <see cref="Hashes"/>.</summary>
    /// <param name="user">The name, prepared by SASLprep (RFC 4013) here.</param>
    /// <param name="password">The password.</param>
    /// <exception cref="ArgumentException">The name or the password is empty, or one of the two has characters that SASLprep refuses.</exception>
    public void Add(string user, string password)
    {
        ArgumentException.ThrowIfNullOrEmpty(password);
        string name = Prepare(user);
        foreach (ScramHash hash in Hashes)
            _keys[(name, hash)] = ScramKeys.FromPassword(password, hash, Iterations);
    }

    /// <summary>Adds keys of a user that were made elsewhere, or changes them. The user can log in by the mechanisms of the hashes for which there are keys.</summary>
    /// <param name="user">The name, prepared by SASLprep (RFC 4013) here.</param>
    /// <param name="hash">The hash of the keys; one of <see cref="Hashes"/>.</param>
    /// <param name="keys">The keys.</param>
    /// <exception cref="ArgumentException">The name is empty or has characters that SASLprep refuses, or the hash is not one of the store's, or the keys have another number of iterations than the store's <see cref="Iterations"/> or a salt that is not of 16 bytes: unknown users are shown those, and could be told apart.</exception>
    public void Add(string user, ScramHash hash, ScramKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (!Hashes.Contains(hash))
            throw new ArgumentException($"The store keeps no keys for {hash}: name it when the store is created.", nameof(hash));
        if (keys.Iterations != Iterations || keys.Salt.Length != ScramKeys.SaltLength)
        {
            throw new ArgumentException(
                $"The keys have {keys.Iterations} iterations and a salt of {keys.Salt.Length} bytes, and the store has {Iterations} and {ScramKeys.SaltLength}: by that difference everybody could tell who is a user. Create the store with the iterations of its keys.",
                nameof(keys));
        }

        _keys[(Prepare(user), hash)] = keys;
    }

    /// <summary>Removes a user. Connections that are open stay open.</summary>
    /// <param name="user">The name.</param>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="ArgumentException">The name is empty or has characters that SASLprep refuses.</exception>
    public bool Remove(string user)
    {
        string name = Prepare(user);
        bool isRemoved = false;
        foreach (ScramHash hash in Hashes)
            isRemoved |= _keys.TryRemove((name, hash), out _);
        return isRemoved;
    }

    /// <inheritdoc/>
    public ValueTask<ScramKeys?> FindAsync(string user, ScramHash hash, CancellationToken cancellationToken)
    {
        ScramKeys? instead = _secret.Length == 0 ? null : ScramKeys.ForUnknownUser(_secret, user, hash, Iterations); // for everybody: the time must not tell who is one
        return new(_keys.GetValueOrDefault((user, hash)) ?? instead);
    }

    /// <summary>Says nothing of what it holds.</summary>
    /// <returns><c>(users)</c>.</returns>
    public override string ToString() => "(users)";

    private static string Prepare(string user)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        return SaslPrep.TryPrepare(user, isStored: false, out string prepared) && prepared.Length > 0
            ? prepared
            : throw new ArgumentException("The user name has characters that SASLprep (RFC 4013) refuses.", nameof(user));
    }
}
