namespace Messaging;

/// <summary>The users of a listener, for PLAIN and SCRAM; <see cref="InMemoryUserStore"/> is one.</summary>
/// <remarks>
/// An unknown user is shown a salt of 16 bytes, always the same one as long as the store lives, and <see cref="Iterations"/>. A store that outlives the process,
/// or has salts of another length, gives <see cref="ScramKeys.ForUnknownUser"/> with a secret that it keeps back instead of <see langword="null"/>.
/// </remarks>
public interface ISaslUserStore
{
    /// <summary>The hashes for which every user has keys: their SCRAM mechanisms are offered. The first one serves PLAIN. Not empty.</summary>
    IReadOnlyList<ScramHash> Hashes { get; }

    /// <summary>How often passwords are hashed; told to clients for unknown users too, who cannot be told apart by it.</summary>
    int Iterations { get; }

    /// <summary>Finds what is stored of a user for a hash.</summary>
    /// <param name="user">The user name as the client sent it, prepared by SASLprep (RFC 4013).</param>
    /// <param name="hash">One of <see cref="Hashes"/>.</param>
    /// <param name="cancellationToken">The connection has ended.</param>
    /// <returns>The keys; <see langword="null"/> for an unknown user, who is then treated like one with a wrong password.</returns>
    /// <remarks>It must take as long for an unknown user as for a known one. What it throws is logged and tells the client a fault of the system (outcome 2).</remarks>
    ValueTask<ScramKeys?> FindAsync(string user, ScramHash hash, CancellationToken cancellationToken);
}
