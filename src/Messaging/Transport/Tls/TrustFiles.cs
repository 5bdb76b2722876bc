using System.Security.Cryptography.X509Certificates;

namespace Messaging.Transport;

/// <summary>The authorities to trust, as a file of certificates or a directory of such files.</summary>
internal sealed record TrustFiles(string Path)
{
    public override string ToString() => $"'{Path}'";

    /// <exception cref="TlsException">A file cannot be read.</exception>
    public async ValueTask<byte[][]> ReadAsync(CancellationToken cancellationToken)
    {
        if (!Directory.Exists(Path)) return [await TlsFile.ReadAsync("Tls.Ca", Path, cancellationToken).ConfigureAwait(false)];

        var contents = new List<byte[]>();
        foreach (string file in Files())
            contents.Add(await TlsFile.ReadAsync("Tls.Ca", file, cancellationToken).ConfigureAwait(false));
        return [.. contents];
    }

    /// <exception cref="TlsException">There is no certificate in them. A directory may hold other files beside.</exception>
    public X509Certificate2Collection Parse(byte[][] contents)
    {
        var trusted = new X509Certificate2Collection();
        foreach (byte[] content in contents)
            trusted.AddRange(TlsFile.Certificates(content));
        if (trusted.Count == 0)
            throw new TlsException($"Tls.Ca '{Path}' holds no certificate: give a file of PEM or DER certificates, or a directory of such files.");
        return trusted;
    }

    private string[] Files()
    {
        try
        {
            string[] files = [.. Directory.GetFiles(Path).Where(static file => File.ResolveLinkTarget(file, returnFinalTarget: true) is not { Exists: false })]; // not what links to nothing
            Array.Sort(files, StringComparer.Ordinal);
            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TlsException($"Tls.Ca '{Path}' cannot be read: {e.Message}", innerException: e);
        }
    }
}
