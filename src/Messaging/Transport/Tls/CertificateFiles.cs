using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Messaging.Transport;

/// <summary>A certificate with its key and the chain above it, as files: a PEM pair, one PEM file, or PKCS#12.</summary>
/// <param name="Certificate">The path of the certificate.</param>
/// <param name="Key">The path of the key, if it has a file of its own.</param>
/// <param name="Password">Opens the key or the PKCS#12 file. It goes into no text.</param>
internal sealed record CertificateFiles(string Certificate, string? Key, string? Password)
{
    private const string Encrypted = "ENCRYPTED PRIVATE KEY";

    /// <summary>The paths only.</summary>
    public override string ToString() => Key is null ? $"'{Certificate}'" : $"'{Certificate}' and '{Key}'";

    /// <exception cref="TlsException">A file cannot be read.</exception>
    public async ValueTask<byte[][]> ReadAsync(CancellationToken cancellationToken)
    {
        byte[] certificate = await TlsFile.ReadAsync("Tls.Certificate", Certificate, cancellationToken).ConfigureAwait(false);
        return Key is null ? [certificate] : [certificate, await TlsFile.ReadAsync("Tls.Key", Key, cancellationToken).ConfigureAwait(false)];
    }

    /// <exception cref="TlsException">The files hold no certificate with its key, or the password does not fit.</exception>
    public SslStreamCertificateContext Parse(byte[][] contents)
    {
        (X509Certificate2 leaf, X509Certificate2Collection above) = TlsFile.IsPem(contents[0]) || TlsFile.IsDer(contents[0]) ? ParsePem(contents) : ParsePkcs12(contents[0]);
        return SslStreamCertificateContext.Create(Usable(leaf), above, offline: true); // offline: reading an option must not ask the network
    }

    /// <summary>Windows does TLS only with keys that its store knows, not with one that was just read from PEM.</summary>
    private static X509Certificate2 Usable(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows()) return certificate;
        using (certificate) return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null);
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection Above) ParsePkcs12(byte[] content)
    {
        if (Key is not null) throw Wrong($"Tls.Certificate '{Certificate}' is neither PEM nor DER. If it is PKCS#12, which has the key in it, leave out Tls.Key; else the file is broken");

        X509Certificate2Collection all;
        try
        {
            all = X509CertificateLoader.LoadPkcs12Collection(content, Password);
        }
        catch (CryptographicException e)
        {
            throw Wrong($"Tls.Certificate '{Certificate}' cannot be read as PEM or as PKCS#12 {(Password is null ? "without a password: set Tls.KeyPassword if it has one" : "with Tls.KeyPassword: check both")}", e);
        }

        X509Certificate2 leaf = all.FirstOrDefault(certificate => certificate.HasPrivateKey) ?? throw Wrong($"Tls.Certificate '{Certificate}' holds no private key: export it with its key");
        all.Remove(leaf);
        return (leaf, all);
    }

    private (X509Certificate2 Leaf, X509Certificate2Collection Above) ParsePem(byte[][] contents)
    {
        X509Certificate2Collection all = TlsFile.Certificates(contents[0]);
        if (all.Count == 0) throw Wrong($"Tls.Certificate '{Certificate}' holds no certificate: a PEM file has a line '-----BEGIN CERTIFICATE-----'");

        X509Certificate2 leaf = WithKey(all[0].ExportCertificatePem(), Encoding.UTF8.GetString(contents[^1]));
        all[0].Dispose();
        all.RemoveAt(0);
        return (leaf, all);
    }

    private X509Certificate2 WithKey(string certificate, string key)
    {
        string where = Key is null ? $"Tls.Certificate '{Certificate}'" : $"Tls.Key '{Key}'";
        if (key.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
            throw Wrong($"{where}: the key is encrypted in OpenSSL's old way, which .NET does not read. Convert it: openssl pkcs8 -topk8 -in old.key -out new.key");
        if (!key.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            throw Wrong($"{where} holds no private key{(Key is null ? ": name its file with Tls.Key" : ": a PEM file has a line '-----BEGIN PRIVATE KEY-----'")}");

        bool isEncrypted = key.Contains(Encrypted, StringComparison.Ordinal);
        if (isEncrypted && Password is null) throw Wrong($"{where}: the key is encrypted: set Tls.KeyPassword");
        try
        {
            return isEncrypted ? X509Certificate2.CreateFromEncryptedPem(certificate, key, Password) : X509Certificate2.CreateFromPem(certificate, key);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            string password = isEncrypted ? ", or Tls.KeyPassword is not its password" : "";
            throw Wrong($"{where}: the key cannot be read, or does not belong to the first certificate of '{Certificate}'{password}", e);
        }
    }

    private static TlsException Wrong(string what, Exception? cause = null) => new(what + ".", innerException: cause);
}
