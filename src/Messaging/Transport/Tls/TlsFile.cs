using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Messaging.Transport;

/// <summary>Reads the files that the TLS options name.</summary>
internal static class TlsFile
{
    /// <exception cref="TlsException">It cannot be read; the message names the option, the path and the reason.</exception>
    public static async ValueTask<byte[]> ReadAsync(string option, string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TlsException($"{option} '{path}' cannot be read: {e.Message}", innerException: e);
        }
    }

    /// <summary>Tells contents apart, and where each ends.</summary>
    public static byte[] Hash(byte[][] contents)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] content in contents)
        {
            hash.AppendData(BitConverter.GetBytes(content.Length));
            hash.AppendData(content);
        }

        return hash.GetHashAndReset();
    }

    public static bool IsPem(ReadOnlySpan<byte> content) => content.IndexOf("-----BEGIN "u8) >= 0;

    /// <summary>Whether it is one certificate as DER.</summary>
    public static bool IsDer(byte[] content)
    {
        try
        {
            return content.Length > 0 && X509Certificate2.GetCertContentType(content) == X509ContentType.Cert;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The certificates of a PEM or DER file; none when it holds none, or broken ones.</summary>
    public static X509Certificate2Collection Certificates(byte[] content)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            if (IsPem(content)) certificates.ImportFromPem(Encoding.UTF8.GetString(content));
            else if (IsDer(content)) certificates.Add(X509CertificateLoader.LoadCertificate(content));
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates;
    }
}
