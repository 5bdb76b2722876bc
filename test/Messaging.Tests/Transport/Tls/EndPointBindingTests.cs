using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Messaging.Tests.Support;
using Messaging.Transport;

namespace Messaging.Tests.Transport.Tls;

/// <summary>The channel binding <c>tls-server-end-point</c> (RFC 5929, 4.1).</summary>
public sealed class EndPointBindingTests
{
    [Theory]
    [InlineData("SHA256", 32)]
    [InlineData("SHA384", 48)]
    [InlineData("SHA512", 64)]
    public async Task ServerEndPointBinding_AfterAHandshake_IsTheSameOnBothSides(string hash, int length)
    {
        await using var testing = new TlsTesting();
        X509Certificate2 server = testing.Certificates.Issue("localhost", new HashAlgorithmName(hash));
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = _ => server);

        (IConnection connection, _, IConnection accepted) = await testing.ConnectAsync(listener);
        byte[] client = BindingOf(connection), listening = BindingOf(accepted);
        await connection.DisposeAsync();

        Assert.Equal(CryptographicOperations.HashData(new HashAlgorithmName(hash), server.RawData), client);
        Assert.Equal(length, client.Length);
        Assert.Equal(client, listening);
    }

    [Theory]
    [InlineData("SHA256", false)]
    [InlineData("SHA384", false)]
    [InlineData("SHA512", false)]
    [InlineData("SHA256", true)]
    [InlineData("SHA384", true)]
    [InlineData("SHA512", true)]
    public void Of_Rsa_TakesTheHashOfTheSignature(string signature, bool isPss)
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=rsa", key, new HashAlgorithmName(signature), isPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1));

        Assert.Equal(CryptographicOperations.HashData(new HashAlgorithmName(signature), certificate.RawData), EndPointBinding.Of(certificate).ToArray());
    }

    /// <summary>By OpenSSL, because .NET makes no such certificates any more: <c>openssl req -x509 -nodes -newkey … -sha1</c>, <c>-md5</c>, <c>-sha1 -sigopt rsa_padding_mode:pss</c>.</summary>
    [Theory]
    [InlineData("MIIBcDCCARigAwIBAgIUXbiGyfdW7AtfEKgTxO+3eCaudjcwCQYHKoZIzj0EATAOMQwwCgYDVQQDDANvbGQwIBcNMjYxMTI0MDAyMjEyWhgPMjEyNjEwMzEwMDIyMTJaMA4xDDAKBgNVBAMMA29sZDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPn/2+XXUs7zWLV9e0hQFfysGoEzQ4s90PGHXvzblIdPmTGMhqe1ot2b8lctu1+DljqEnOjq5SVbMT/wM9Zugu+jUzBRMB0GA1UdDgQWBBRvKjmmwt/8l8dqeZhuCpcCSV2fXjAfBgNVHSMEGDAWgBRvKjmmwt/8l8dqeZhuCpcCSV2fXjAPBgNVHRMBAf8EBTADAQH/MAkGByqGSM49BAEDRwAwRAIgIUE7WKEMLuxnU3SHPDTqdiT2DqxdDmuY2k39DMqZckMCIFmh536h+vUhHgefBCgu/JMMm/bswlDCBI1DPvk3dPKp")]
    [InlineData("MIIB+jCCAWOgAwIBAgIUYDr6zIm5Hmj/hWkoZs709KyxLDYwDQYJKoZIhvcNAQEEBQAwDjEMMAoGA1UEAwwDb2xkMCAXDTI2MTEyNDAwMjIxM1oYDzIxMjYxMDMxMDAyMjEzWjAOMQwwCgYDVQQDDANvbGQwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAJtFTmrr4OeNazYef4Y6WishdizBHiWg/oF9xPxTswpIwo8CrZwjJGwLXZ5pHpRmsGuWo5hO7IEhdQZabAp09RWeygl4ZGsH75Uv6AgXW2QSyIuSxw+u/4ua5xHzP42piSJcnJudd5PrVxcq4dGfgu33gr9np1UkkQk1475/XU6vAgMBAAGjUzBRMB0GA1UdDgQWBBRUWQuosfvKdJs/OIq5qtLPCdrhujAfBgNVHSMEGDAWgBRUWQuosfvKdJs/OIq5qtLPCdrhujAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBBAUAA4GBACuCCB8qILu5JVY9C0OqAsLopZ19tPCzOCOrrHFW6AdKpTqiMxmRYXmfTJfnM4fTUD1PNZEcwSmdyyFRjuUTOcxdEijX0x5AJiwu6b8kZfeIhC6PYlvVfirczG7WRXe3UVTXXvLWUSO8zmu0vVG/+xMRSfpcvh6sY3dugfyaLhSW")]
    [InlineData("MIIB+jCCAWOgAwIBAgIUdEGx8+yjJuFiPp83V0VRPwCzGkYwDQYJKoZIhvcNAQEKMAAwDjEMMAoGA1UEAwwDb2xkMCAXDTI2MTEyNDAwMjIxM1oYDzIxMjYxMDMxMDAyMjEzWjAOMQwwCgYDVQQDDANvbGQwgZ8wDQYJKoZIhvcNAQEBBQADgY0AMIGJAoGBAMyAWpx4nubeyCSG4A/6JXFK4LE8qbnVDqGTRApYlBjXh4Tph/9CwK3lTIOubTNhSjobdQLjIevy4z1GFjvIxdni2PUzJhgtMWWn7ev9wbPN43oGo9Nj5LS47h1MSZzYL8isqfS6kSr/wuYfh+84dtL3giJyX4lc/t9sB4Okj3MFAgMBAAGjUzBRMB0GA1UdDgQWBBRCIBIuoD34qD4Kdo003I8UO1HWfDAfBgNVHSMEGDAWgBRCIBIuoD34qD4Kdo003I8UO1HWfDAPBgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCjAAA4GBALiXEdER1Y4lOB37KwUDXYlcZEgfsjDC9seoanWlV20rNeWaxx6Ulx79QrY9PRhhQwDfqTJE+KWtyGBDL/WrQTNraR72olwW5thZtBzTt1+oRZlWtAjluXZC7Eh+0kpHkx7fG2Oq9SguV+yCMrHSjgp9dZgVvYbwzv9cjeft0ReG")] // the parameters of PSS leave SHA-1 out
    public void Of_Sha1OrMd5_IsSha256(string der)
    {
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(der));

        Assert.Equal(SHA256.HashData(certificate.RawData), EndPointBinding.Of(certificate).ToArray());
    }

    [Fact]
    public void Of_Ed25519_IsEmpty()
    {
        // openssl req -x509 -newkey ed25519 -nodes -subj /CN=ed25519 -days 36500: a signature without a hash of its own
        const string Der = "MIIBOjCB7aADAgECAhRXNgx5Uw3s6uWMkNTqdy4/cnP7lTAFBgMrZXAwEjEQMA4GA1UEAwwHZWQyNTUxOTAgFw0yNjExMjQwMDIxMjVaGA8yMTI2MTAzMTAwMjEyNVowEjEQMA4GA1UEAwwHZWQyNTUxOTAqMAUGAytlcAMhAAA7ldnoBpNPZ+hj7jibJo5NdcjrI0btuxapt+/YZl1Yo1MwUTAdBgNVHQ4EFgQUAOp4BnUhX/CFUbpFLAfAG5PeHZEwHwYDVR0jBBgwFoAUAOp4BnUhX/CFUbpFLAfAG5PeHZEwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQCV6BSvnJL5sq66/an4PaulOnsCB+4EvUGVWER268RNJAPiLTtyhQ+a14KZp33dj/hLPgbnJVCqv+aUb6zpPhUC";
        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(Der));

        Assert.True(EndPointBinding.Of(certificate).IsEmpty);
    }

    private static byte[] BindingOf(IConnection connection) => ((Messaging.Client.Connection)connection).Loop.Transport!.Security!.ServerEndPointBinding.ToArray();
}
