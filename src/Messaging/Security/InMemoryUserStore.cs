using System.Collections.Concurrent;
using Messaging.Security.Prep;

namespace Messaging;

/// <summary>Users in memory, as salted keys: the passwords themselves are not kept. Safe for concurrent use; users may be added and removed at any time.</summary>
public sealed class InMemoryUserStore : ISaslUserStore
{
    private readonly ConcurrentDictionary<(string User, ScramHash Hash), ScramKeys> _keys = new();

    /// <summary>Creates an empty store.</summary>
    /// <param name="iterations">How often passwords are hashed. 4,096 to 1,000,000.</param>
    /// <param name="hashes">The hashes for which keys are kept; <see langword="null"/> for SHA-512, SHA-256 and SHA-1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="iterations"/> is out of its range.</exception>
    /// <exception cref="ArgumentException"><paramref name="hashes"/> is empty.</exception>
    public InMemoryUserStore(int iterations = ScramKeys.DefaultIterations, IReadOnlyList<ScramHash>? hashes = null)
    {
        Require.Range(iterations, Security.Mechanisms.Scram.LeastIterations, Security.Mechanisms.Scram.MostIterations);
        if (hashes is { Count: 0 })
            throw new ArgumentException("hashes is empty: name at least one, or leave it null.", nameof(hashes));
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
    /// <exception cref="ArgumentException">The name is empty, or one of the two has characters that SASLprep refuses.</exception>
    public void Add(string user, string password)
    {
        string name = Prepare(user);
        foreach (ScramHash hash in Hashes)
            _keys[(name, hash)] = ScramKeys.FromPassword(password, hash, Iterations);
    }

    /// <summary>Adds keys of a user that were made elsewhere, or changes them. The user can log in by the mechanisms of the hashes for which there are keys.</summary>
    /// <param name="user">The name, prepared by SASLprep (RFC 4013) here.</param>
    /// <param name="hash">The hash of the keys; one of <see cref="Hashes"/>.</param>
    /// <param name="keys">The keys.</param>
    /// <exception cref="ArgumentException">The name is empty or has characters that SASLprep refuses, or the hash is not one of the store's.</exception>
    public void Add(string user, ScramHash hash, ScramKeys keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (!Hashes.Contains(hash))
            throw new ArgumentException($"The store keeps no keys for {hash}: name it when the store is created.", nameof(hash));
        _keys[(Prepare(user), hash)] = keys;
    }

    /// <summary>Removes a user. Connections that are open stay open.</summary>
    /// <param name="user">The name.</param>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string user)
    {
        string name = Prepare(user);
        bool isRemoved = false;
        foreach (ScramHash hash in Hashes)
            isRemoved |= _keys.TryRemove((name, hash), out _);
        return isRemoved;
    }

    /// <inheritdoc/>
    public ValueTask<ScramKeys?> FindAsync(string user, ScramHash hash, CancellationToken cancellationToken) => new(_keys.GetValueOrDefault((user, hash)));

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
