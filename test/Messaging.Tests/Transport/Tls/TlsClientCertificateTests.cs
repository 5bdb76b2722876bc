using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

/// <summary>Mutual TLS: what a listener takes, what it refuses, and what both sides say then.</summary>
public sealed class TlsClientCertificateTests
{
    [Theory]
    [InlineData(SslProtocols.Tls12, ClientCertificateMode.Required)]
    [InlineData(SslProtocols.Tls13, ClientCertificateMode.Required)]
    [InlineData(SslProtocols.Tls12, ClientCertificateMode.Optional)]
    [InlineData(SslProtocols.Tls13, ClientCertificateMode.Optional)]
    public async Task Connect_WithACertificate_ShowsItToTheListener(SslProtocols version, ClientCertificateMode mode)
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing, mode, version);

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(listener, tls => tls.ClientCertificate = testing.Certificates.Client);
        await connection.DisposeAsync();

        Assert.Equal("CN=alice", incoming.ClientCertificate!.Subject); // readable after the connection too
        Assert.False(incoming.ClientCertificate.HasPrivateKey);
    }

    [Theory]
    [InlineData(ClientCertificateMode.None, true)]
    [InlineData(ClientCertificateMode.None, false)]
    [InlineData(ClientCertificateMode.Optional, false)]
    public async Task Connect_NoneAskedOrNoneShown_GoesOnWithout(ClientCertificateMode mode, bool isConfigured)
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing, mode, SslProtocols.Tls13);

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(listener, tls => tls.ClientCertificate = isConfigured ? testing.Certificates.Client : null);

        Assert.Null(incoming.ClientCertificate);
        await connection.DisposeAsync();
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Connect_RequiredAndNoneShown_SaysWhatIsMissingOnBothSides(SslProtocols version)
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing, ClientCertificateMode.Required, version);

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url);

        Assert.Contains("It was shown none. Set Tls.Certificate to one that it trusts; the peer's log says why it ended the connection.", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient); // without a certificate it would be refused for ever
        Assert.Contains("the client shows no certificate", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, ClientCertificateMode.Required)]
    [InlineData(SslProtocols.Tls13, ClientCertificateMode.Required)]
    [InlineData(SslProtocols.Tls13, ClientCertificateMode.Optional)]
    public async Task Connect_CertificateOfAnotherAuthority_IsRefused(SslProtocols version, ClientCertificateMode mode)
    {
        await using var testing = new TlsTesting();
        using var others = new TestCertificates();
        IListener listener = await ListenAsync(testing, mode, version);

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url, tls => tls.ClientCertificate = others.Client);

        Assert.Contains("'CN=alice'", error.Message, StringComparison.Ordinal);
        Assert.Contains("the client's certificate ('CN=alice', issued by 'CN=Test Authority') is refused: no trusted authority", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ExpiredCertificate_IsRefused()
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing, ClientCertificateMode.Required);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();

        await testing.FailsAsync<TlsException>(listener.Url, tls => tls.ClientCertificate = testing.Certificates.IssueClient("late", from: now.AddDays(-9), to: now.AddDays(-8)));

        Assert.Contains("it has expired", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_CertificateOfAServer_IsNoClients()
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing, ClientCertificateMode.Required);

        await testing.FailsAsync<TlsException>(listener.Url, tls => tls.ClientCertificate = testing.Certificates.Server);

        Assert.Contains("it was not issued for this use", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_SystemTrust_DoesNotKnowTheTestAuthority()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options =>
        {
            options.Tls!.ClientCertificate = ClientCertificateMode.Required;
            options.Tls.Configure = static options => options.AllowRenegotiation = false; // who configures .NET has the system's trust, unless it says otherwise
        });

        await testing.FailsAsync<TlsException>(listener.Url, tls => tls.ClientCertificate = testing.Certificates.Client);

        Assert.Contains("is refused", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Connect_CertificateOfConfigure_IsShown(SslProtocols version)
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing, ClientCertificateMode.Required, version);

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(
            listener, tls => tls.Configure = options => options.ClientCertificates = [testing.Certificates.Client]);

        Assert.Equal(testing.Certificates.Client.Thumbprint, incoming.ClientCertificate?.Thumbprint);
        await connection.DisposeAsync();
    }

    /// <summary>The test's authority tells nobody whom it has revoked: who asks gets no answer, and that is a no.</summary>
    [Fact]
    public async Task Configure_RevocationOfAListener_IsChecked()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options =>
        {
            (options.Tls!.ClientCertificate, options.Tls.TrustedCertificates) = (ClientCertificateMode.Required, testing.Certificates.Roots);
            options.Tls.Configure = static options => options.CertificateRevocationCheckMode = X509RevocationMode.Offline;
        });

        await testing.FailsAsync<TlsException>(listener.Url, tls => tls.ClientCertificate = testing.Certificates.Client);

        Assert.Contains("RevocationStatusUnknown", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ChainAboveIt_IsSent()
    {
        await using var testing = new TlsTesting();
        X509Certificate2 intermediate = testing.Certificates.Intermediate();
        X509Certificate2 client = testing.Certificates.IssueClient("bob", intermediate);
        IListener listener = await ListenAsync(testing, ClientCertificateMode.Required);

        (IConnection connection, IIncomingConnection incoming, _) = await testing.ConnectAsync(listener, tls =>
        {
            tls.Certificate = testing.Certificates.WritePem("bob.pem", client, intermediate);
            tls.Key = testing.Certificates.WriteKey("bob.key", client);
        });

        Assert.Equal("CN=bob", incoming.ClientCertificate!.Subject);
        await connection.DisposeAsync();
    }

    /// <summary>Sessions that TLS resumes carry the client's identity over: from one listener of the process to another, even to one that asks for none.</summary>
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Connect_ToAnotherListenerOfTheSameCertificate_StartsAnew(SslProtocols version)
    {
        await using var testing = new TlsTesting();
        IListener open = await ListenAsync(testing, ClientCertificateMode.None, version);
        IListener mutual = await ListenAsync(testing, ClientCertificateMode.Required, version);

        for (int i = 0; i < 3; i++)
        {
            (IConnection first, IIncomingConnection anonymous, _) = await testing.ConnectAsync(open, tls => tls.ClientCertificate = testing.Certificates.Client);
            await first.DisposeAsync();
            (IConnection second, IIncomingConnection known, _) = await testing.ConnectAsync(mutual, tls => tls.ClientCertificate = testing.Certificates.Client);
            await second.DisposeAsync();

            Assert.Null(anonymous.ClientCertificate);
            Assert.NotNull(known.ClientCertificate);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Handshake_ClientThatWouldResume_CarriesNoIdentityToAnotherListener(SslProtocols version)
    {
        await using var testing = new TlsTesting();
        IListener mutual = await ListenAsync(testing, ClientCertificateMode.Required, version);
        IListener open = await ListenAsync(testing, ClientCertificateMode.None, version);
        var certificate = SslStreamCertificateContext.Create(testing.Certificates.Client, additionalCertificates: null, offline: true);

        foreach (IListener listener in new[] { mutual, open })
        {
            using var stream = new SslStream(new NetworkStream(await testing.DialAsync(listener)));
            var options = new SslClientAuthenticationOptions { TargetHost = "localhost", ClientCertificateContext = certificate, RemoteCertificateValidationCallback = (_, _, _, _) => true };
            await stream.AuthenticateAsClientAsync(options, BoundedWaits.Stop).Bounded();
            await stream.WriteAsync("AMQP\u0003\u0001\0\0"u8.ToArray(), BoundedWaits.Stop);
            await stream.ReadExactlyAsync(new byte[8], BoundedWaits.Stop).Bounded(); // behind the ticket for the next connection, were there one
        }

        string[] seen = [.. testing.Log.Lines.Where(line => line.Id == 4100).Select(line => line.Text)];
        Assert.Contains("certificate: 'CN=alice'", seen[0], StringComparison.Ordinal);
        Assert.Contains("certificate: none", seen[1], StringComparison.Ordinal);
    }

    private static Task<IListener> ListenAsync(TlsTesting testing, ClientCertificateMode mode, SslProtocols version = SslProtocols.Tls12 | SslProtocols.Tls13) => testing.ListenAsync(options =>
    {
        options.Tls!.ClientCertificate = mode;
        options.Tls.Protocols = version;
        options.Tls.TrustedCertificates = mode == ClientCertificateMode.None ? null : testing.Certificates.Roots;
    });
}
