using System.Security.Cryptography;
using System.Text;
using Messaging.Security.Prep;

namespace Messaging.Security.Mechanisms;

/// <summary>The functions of SCRAM (RFC 5802, 2.2 and 3; RFC 7677).</summary>
internal static class Scram
{
    /// <summary>Fewer would let a false server try out passwords too fast (RFC 7677, 4).</summary>
    public const int LeastIterations = 4_096;

    /// <summary>More would let a false server keep us busy.</summary>
    public const int MostIterations = 1_000_000;

    /// <summary>The only channel binding that .NET can give (RFC 5929, 4).</summary>
    public const string Binding = "tls-server-end-point";

    private const string Plus = "-PLUS";

    public static UTF8Encoding StrictUtf8 { get; } = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static string Mechanism(ScramHash hash, bool isPlus)
    {
        string name = hash switch
        {
            ScramHash.Sha1 => "SCRAM-SHA-1",
            ScramHash.Sha256 => "SCRAM-SHA-256",
            _ => "SCRAM-SHA-512",
        };
        return isPlus ? name + Plus : name;
    }

    /// <summary>Whether a mechanism, SCRAM or not, is among those that the options allow. Who names a SCRAM mechanism means its hash: to leave out the form that is tied to TLS would make it weaker unawares.</summary>
    public static bool IsAllowed(string mechanism, IReadOnlyCollection<string>? allowed) =>
        allowed is null
        || allowed.Contains(mechanism, StringComparer.OrdinalIgnoreCase)
        || (mechanism.StartsWith("SCRAM-", StringComparison.Ordinal) && mechanism.EndsWith(Plus, StringComparison.Ordinal) && allowed.Contains(mechanism[..^Plus.Length], StringComparer.OrdinalIgnoreCase));

    /// <summary>A password as it is hashed (RFC 5802, 2.2, Normalize): a stored string in the sense of RFC 3454, 7.</summary>
    public static bool TryPreparePassword(string password, out byte[] prepared)
    {
        bool isAllowed = SaslPrep.TryPrepare(password, isStored: true, out string text);
        prepared = isAllowed ? Encoding.UTF8.GetBytes(text) : [];
        return isAllowed;
    }

    /// <summary>Hi(): PBKDF2 with one block of the hash's length.</summary>
    public static byte[] Salt(ScramHash hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, Algorithm(hash), Length(hash));

    public static byte[] ClientKey(ScramHash hash, ReadOnlySpan<byte> salted) => Hmac(hash, salted, "Client Key"u8);

    public static byte[] ServerKey(ScramHash hash, ReadOnlySpan<byte> salted) => Hmac(hash, salted, "Server Key"u8);

    public static byte[] Hash(ScramHash hash, ReadOnlySpan<byte> data) => CryptographicOperations.HashData(Algorithm(hash), data);

    public static byte[] Hmac(ScramHash hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> data) => CryptographicOperations.HmacData(Algorithm(hash), key, data);

    public static int Length(ScramHash hash) => hash switch
    {
        ScramHash.Sha1 => SHA1.HashSizeInBytes,
        ScramHash.Sha256 => SHA256.HashSizeInBytes,
        ScramHash.Sha512 => SHA512.HashSizeInBytes,
        _ => throw new ArgumentOutOfRangeException(nameof(hash), hash, $"{hash} is no hash of SCRAM."),
    };

    /// <summary>Both must have the same length.</summary>
    public static byte[] Xor(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        byte[] result = new byte[left.Length];
        for (int i = 0; i < result.Length; i++)
            result[i] = (byte)(left[i] ^ right[i]);
        return result;
    }

    /// <summary>A fresh nonce: 192 bits in characters that need no escaping.</summary>
    public static string Nonce() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));

    private static HashAlgorithmName Algorithm(ScramHash hash) => hash switch
    {
        ScramHash.Sha1 => HashAlgorithmName.SHA1,
        ScramHash.Sha256 => HashAlgorithmName.SHA256,
        ScramHash.Sha512 => HashAlgorithmName.SHA512,
        _ => throw new ArgumentOutOfRangeException(nameof(hash), hash, $"{hash} is no hash of SCRAM."),
    };
}
