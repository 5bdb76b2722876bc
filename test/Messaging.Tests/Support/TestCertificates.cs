using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Messaging.Tests.Support;

/// <summary>An authority and the certificates that it issues, made on the spot. Needs nothing of this project: others compile the file too.</summary>
internal sealed class TestCertificates : IDisposable
{
    public const string Password = "correct-horse-battery";

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly PbeParameters KeyEncryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 2048);

    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();
    private readonly List<X509Certificate2> _issued = [];
    private string? _folder;

    public TestCertificates()
    {
        using ECDsa key = NewKey();
        Authority = Keep(AuthorityRequest("Test Authority", key).CreateSelfSigned(_now.AddDays(-30), _now.AddDays(30)));
        Server = Issue("localhost");
        Client = IssueClient("alice");
    }

    /// <summary>The root, with its key.</summary>
    public X509Certificate2 Authority { get; }

    /// <summary>For localhost, 127.0.0.1 and ::1, with its key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>For the client <c>alice</c>, with its key.</summary>
    public X509Certificate2 Client { get; }

    /// <summary>The root alone, without its key.</summary>
    public X509Certificate2Collection Roots => [Keep(X509CertificateLoader.LoadCertificate(Authority.RawData))];

    /// <summary>A server's certificate that was over yesterday.</summary>
    public X509Certificate2 Expired() => Issue("localhost", from: _now.AddDays(-20), to: _now.AddDays(-1));

    /// <summary>A server's certificate that begins tomorrow.</summary>
    public X509Certificate2 NotYetValid() => Issue("localhost", from: _now.AddDays(1), to: _now.AddDays(20));

    /// <summary>A good certificate for another server.</summary>
    public X509Certificate2 WrongHost() => Issue("elsewhere.example", withAddresses: false);

    /// <summary>A server's certificate that nobody issued but itself.</summary>
    public X509Certificate2 SelfSigned()
    {
        using ECDsa key = NewKey();
        CertificateRequest request = Request("localhost", key);
        AddNames(request, "localhost", withAddresses: true);
        return Keep(request.CreateSelfSigned(_now.AddDays(-1), _now.AddDays(1)));
    }

    /// <summary>An authority below the root, with its key.</summary>
    public X509Certificate2 Intermediate()
    {
        using ECDsa key = NewKey();
        return Keep(Sign(AuthorityRequest("Test Intermediate", key), key, Authority, _now.AddDays(-25), _now.AddDays(25)));
    }

    /// <summary>A server's certificate with its key.</summary>
    /// <param name="host">The name it is for.</param>
    /// <param name="hash">The hash of the issuer's signature; SHA-256.</param>
    /// <param name="issuer">Who signs it; the root.</param>
    /// <param name="from">When it begins; yesterday.</param>
    /// <param name="to">When it ends; tomorrow.</param>
    /// <param name="withAddresses">Whether it is for 127.0.0.1 and ::1 too.</param>
    public X509Certificate2 Issue(
        string host, HashAlgorithmName? hash = null, X509Certificate2? issuer = null, DateTimeOffset? from = null, DateTimeOffset? to = null, bool withAddresses = true)
    {
        using ECDsa key = NewKey();
        CertificateRequest request = Request(host, key, hash);
        AddNames(request, host, withAddresses);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        return Keep(Sign(request, key, issuer ?? Authority, from ?? _now.AddDays(-1), to ?? _now.AddDays(1)));
    }

    /// <summary>A client's certificate with its key.</summary>
    public X509Certificate2 IssueClient(string name, X509Certificate2? issuer = null, DateTimeOffset? from = null, DateTimeOffset? to = null)
    {
        using ECDsa key = NewKey();
        CertificateRequest request = Request(name, key);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], critical: false));
        return Keep(Sign(request, key, issuer ?? Authority, from ?? _now.AddDays(-1), to ?? _now.AddDays(1)));
    }

    /// <summary>Writes a file into a folder that goes away with this object.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, string content)
    {
        string path = PathOf(name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Writes certificates as PEM, for example a leaf with the chain above it.</summary>
    public string WritePem(string name, params IEnumerable<X509Certificate2> certificates) =>
        Write(name, string.Join('\n', certificates.Select(certificate => certificate.ExportCertificatePem())) + "\n");

    /// <summary>Writes the private key as PEM (PKCS#8), encrypted if there is a password.</summary>
    public string WriteKey(string name, X509Certificate2 certificate, string? password = null)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return Write(name, (password is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(password, KeyEncryption)) + "\n");
    }

    /// <summary>Writes PKCS#12 with the key of the first certificate.</summary>
    public string WritePkcs12(string name, string? password, params IEnumerable<X509Certificate2> certificates)
    {
        string path = PathOf(name);
        var collection = new X509Certificate2Collection();
        foreach (X509Certificate2 certificate in certificates)
            collection.Add(collection.Count == 0 ? certificate : Keep(X509CertificateLoader.LoadCertificate(certificate.RawData)));
        File.WriteAllBytes(path, collection.Export(X509ContentType.Pkcs12, password)!);
        return path;
    }

    /// <summary>A path in the folder that goes away with this object.</summary>
    public string PathOf(string name) => Path.Combine(_folder ??= Directory.CreateTempSubdirectory("messaging-certificates-").FullName, name);

    public void Dispose()
    {
        foreach (X509Certificate2 certificate in _issued)
            certificate.Dispose();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private static ECDsa NewKey() => ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CertificateRequest AuthorityRequest(string name, ECDsa key)
    {
        CertificateRequest request = Request(name, key, usage: X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request;
    }

    private static CertificateRequest Request(string name, ECDsa key, HashAlgorithmName? hash = null, X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature)
    {
        var request = new CertificateRequest($"CN={name}", key, hash ?? HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        return request;
    }

    private static void AddNames(CertificateRequest request, string host, bool withAddresses)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (withAddresses)
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.IPv6Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
    }

    private static X509Certificate2 Sign(CertificateRequest request, ECDsa key, X509Certificate2 issuer, DateTimeOffset from, DateTimeOffset to)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        using X509Certificate2 certificate = request.Create(issuer, from, to, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private X509Certificate2 Keep(X509Certificate2 certificate)
    {
        _issued.Add(certificate);
        return certificate;
    }
}
