using System.Security.Cryptography.X509Certificates;

namespace Messaging.Tests.Support;

public sealed class TestCertificatesTests
{
    [Fact]
    public void Server_ByTheRoot_IsTrusted()
    {
        using var certificates = new TestCertificates();
        using X509Chain chain = ChainTo(certificates.Roots);

        Assert.True(chain.Build(certificates.Server));
        Assert.True(certificates.Server.MatchesHostname("localhost"));
        Assert.True(certificates.Server.MatchesHostname("127.0.0.1"));
        Assert.True(certificates.Server.HasPrivateKey);
    }

    [Fact]
    public void Server_OfAnotherRoot_IsNotTrusted()
    {
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        using X509Chain chain = ChainTo(others.Roots);

        Assert.False(chain.Build(certificates.Server));
    }

    [Fact]
    public void Files_WrittenAndRead_HoldCertificateAndKey()
    {
        using var certificates = new TestCertificates();
        string pem = certificates.WritePem("server.pem", certificates.Server);
        string key = certificates.WriteKey("server.key", certificates.Server, TestCertificates.Password);
        string pkcs12 = certificates.WritePkcs12("server.p12", TestCertificates.Password, certificates.Server, certificates.Authority);

        using var fromPem = X509Certificate2.CreateFromEncryptedPemFile(pem, TestCertificates.Password, key);
        X509Certificate2Collection fromPkcs12 = X509CertificateLoader.LoadPkcs12CollectionFromFile(pkcs12, TestCertificates.Password);

        Assert.True(fromPem.HasPrivateKey);
        Assert.Equal(certificates.Server.Thumbprint, fromPem.Thumbprint);
        Assert.Equal(certificates.Server.Thumbprint, Assert.Single(fromPkcs12, certificate => certificate.HasPrivateKey).Thumbprint);
    }

    private static X509Chain ChainTo(X509Certificate2Collection roots)
    {
        var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        return chain;
    }
}
