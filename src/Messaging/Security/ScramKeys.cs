using System.Security.Cryptography;
using System.Text;
using Messaging.Security.Mechanisms;

namespace Messaging;

/// <summary>What a server keeps of a password (RFC 5802, 3): enough to check it, not enough to log in with it.</summary>
public sealed class ScramKeys
{
    /// <summary>The iterations that <see cref="FromPassword"/> takes unless told: about 10 milliseconds of a server's core.</summary>
    public const int DefaultIterations = 16_384;

    internal const int SaltLength = 16;

    internal const int ShortestSecret = 16;

    /// <summary>The salt. 16 bytes, see <see cref="ISaslUserStore"/>; at least one.</summary>
    public required ReadOnlyMemory<byte> Salt { get; init; }

    /// <summary>How often the password was hashed; 4,096 or more, fewer are refused by clients.</summary>
    public required int Iterations { get; init; }

    /// <summary>H(HMAC(SaltedPassword, "Client Key")).</summary>
    public required ReadOnlyMemory<byte> StoredKey { get; init; }

    /// <summary>HMAC(SaltedPassword, "Server Key").</summary>
    public required ReadOnlyMemory<byte> ServerKey { get; init; }

    /// <summary>Makes the keys of a password, with a random salt.</summary>
    /// <param name="password">The password; prepared by SASLprep (RFC 4013) here.</param>
    /// <param name="hash">The hash of the SCRAM mechanism.</param>
    /// <param name="iterations">How often it is hashed. 4,096 to 1,000,000; the time that a login takes grows with it, on the client too.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="iterations"/> is out of its range, or <paramref name="hash"/> is none.</exception>
    /// <exception cref="ArgumentException"><paramref name="password"/> has characters that SASLprep refuses, such as control characters or ones that Unicode 3.2 does not know.</exception>
    public static ScramKeys FromPassword(string password, ScramHash hash, int iterations = DefaultIterations)
    {
        ArgumentNullException.ThrowIfNull(password);
        Require.Range(iterations, Scram.LeastIterations, Scram.MostIterations);
        if (!Scram.TryPreparePassword(password, out byte[] prepared))
            throw new ArgumentException("The password has characters that SASLprep (RFC 4013) refuses.", nameof(password));
        byte[] salt = RandomNumberGenerator.GetBytes(SaltLength);
        byte[] salted = Scram.Salt(hash, prepared, salt, iterations);
        try
        {
            byte[] clientKey = Scram.ClientKey(hash, salted);
            return new ScramKeys { Salt = salt, Iterations = iterations, StoredKey = Scram.Hash(hash, clientKey), ServerKey = Scram.ServerKey(hash, salted) };
        }
        finally
        {
            CryptographicOperations.ZeroMemory(prepared);
            CryptographicOperations.ZeroMemory(salted);
        }
    }

    /// <summary>Makes keys that no password fits, always the same for one user, so that who asks cannot tell an unknown user from a wrong password.</summary>
    /// <param name="secret">At least 16 random bytes that only the store knows.</param>
    /// <param name="user">The unknown user.</param>
    /// <param name="hash">The hash of the SCRAM mechanism.</param>
    /// <param name="iterations">The iterations of the known users.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="ArgumentException"><paramref name="secret"/> is shorter than 16 bytes.</exception>
    public static ScramKeys ForUnknownUser(ReadOnlySpan<byte> secret, string user, ScramHash hash, int iterations)
    {
        ArgumentNullException.ThrowIfNull(user);
        if (secret.Length < ShortestSecret)
            throw new ArgumentException($"The secret has {secret.Length} bytes; it needs at least {ShortestSecret}.", nameof(secret));
        return new ScramKeys
        {
            Salt = Made(secret, "salt", user, hash)[..SaltLength],
            Iterations = iterations,
            StoredKey = Made(secret, "stored", user, hash),
            ServerKey = Made(secret, "server", user, hash),
        };
    }

    /// <summary>Says nothing of what it holds.</summary>
    /// <returns><c>(keys)</c>.</returns>
    public override string ToString() => "(keys)";

    private static byte[] Made(ReadOnlySpan<byte> secret, string purpose, string user, ScramHash hash) =>
        Scram.Hmac(hash, secret, Encoding.UTF8.GetBytes($"{purpose} {hash} {user}"));
}
