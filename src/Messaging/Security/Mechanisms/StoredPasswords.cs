using System.Security.Cryptography;
using Messaging.Security.Prep;

namespace Messaging.Security.Mechanisms;

/// <summary>Checks a password in the clear, as PLAIN brings it, against the salted keys of a store. An unknown user costs as much as a wrong password.</summary>
/// <param name="users">The users.</param>
/// <param name="salt">Hashes a password; tests count how often.</param>
internal sealed class StoredPasswords(UserKeys users, Func<ScramHash, byte[], ScramKeys, byte[]>? salt = null)
{
    private readonly Func<ScramHash, byte[], ScramKeys, byte[]> _salt = salt ?? Salt;

    public async ValueTask<bool> CheckAsync(string user, string password, CancellationToken cancellationToken)
    {
        if (!SaslPrep.TryPrepare(user, isStored: false, out string name) || name.Length == 0 || !Scram.TryPreparePassword(password, out byte[] prepared))
            return false;
        ScramHash hash = users.Hashes[0];
        (ScramKeys keys, bool isKnown) = await users.FindAsync(name, hash, cancellationToken).ConfigureAwait(false);
        byte[] salted = _salt(hash, prepared, keys);
        bool isRight = CryptographicOperations.FixedTimeEquals(Scram.Hash(hash, Scram.ClientKey(hash, salted)), keys.StoredKey.Span);
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(prepared);
        return isRight & isKnown;
    }

    private static byte[] Salt(ScramHash hash, byte[] password, ScramKeys keys) => Scram.Salt(hash, password, keys.Salt.Span, keys.Iterations);
}
