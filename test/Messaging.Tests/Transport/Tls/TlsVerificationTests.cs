using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

/// <summary>What a client refuses, and what it says then.</summary>
public sealed class TlsVerificationTests
{
    [Fact]
    public async Task Connect_OtherAuthority_SaysWhoseIsMissing()
    {
        using var others = new TestCertificates();

        TlsException error = await RefusedAsync(_ => others.Server);

        Assert.Contains("'CN=localhost', issued by 'CN=Test Authority'", error.Message, StringComparison.Ordinal);
        Assert.Contains("no trusted authority is known above 'CN=Test Authority'", error.Message, StringComparison.Ordinal);
        Assert.Contains("Tls.Ca", error.Message, StringComparison.Ordinal);
        Assert.Contains("amqps://localhost:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_SelfSigned_SaysSo() =>
        Assert.Contains("it is self-signed and not among the trusted ones", (await RefusedAsync(certificates => certificates.SelfSigned())).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Connect_Expired_SaysSinceWhen()
    {
        TlsException error = await RefusedAsync(certificates => certificates.Expired());

        Assert.Matches(@"it has expired: it ended at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", error.Message);
    }

    [Fact]
    public async Task Connect_NotYetValid_SaysFromWhen()
    {
        TlsException error = await RefusedAsync(certificates => certificates.NotYetValid());

        Assert.Matches(@"it is not yet valid: it begins at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", error.Message);
    }

    [Fact]
    public async Task Connect_OtherHost_SaysWhichNamesItHas() =>
        Assert.Contains("it is not for 'localhost' but for 'elsewhere.example'", (await RefusedAsync(certificates => certificates.WrongHost())).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Connect_ByAddressThatIsNotInIt_IsRefused() =>
        Assert.Contains("it is not for '127.0.0.1' but for 'localhost'", (await RefusedAsync(certificates => certificates.Issue("localhost", withAddresses: false), "127.0.0.1")).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Connect_CertificateOfAClient_IsRefused() =>
        Assert.Contains("it was not issued for this use", (await RefusedAsync(certificates => certificates.IssueClient("localhost"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Connect_ExpiredAndOtherHost_SaysBoth()
    {
        TlsException error = await RefusedAsync(certificates => certificates.Issue(
            "elsewhere.example", from: TimeProvider.System.GetUtcNow().AddDays(-9), to: TimeProvider.System.GetUtcNow().AddDays(-8), withAddresses: false));

        Assert.Contains("elsewhere.example", error.Message, StringComparison.Ordinal);
        Assert.Contains("it has expired", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NamesThatForgeALogLine_AreEscapedAndCut()
    {
        TlsException error = await RefusedAsync(certificates => certificates.IssueClient("evil\r\nforged " + new string('x', 5000)));

        Assert.DoesNotContain('\n', error.Message);
        Assert.Contains("evil\\u000d\\u000aforged xxx", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 100, 2000);
    }

    [Fact]
    public async Task Connect_SystemTrust_DoesNotKnowTheTestAuthority()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url, tls => tls.TrustedCertificates = null);

        Assert.False(error.IsTransient);
        Assert.Contains("The system's authorities are trusted; set Tls.Ca to trust another", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_VerifyOff_TakesAnyAndWarns()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = _ => testing.Certificates.WrongHost());

        (IConnection connection, _, _) = await testing.ConnectAsync(listener, tls =>
        {
            tls.Verify = false;
            tls.TrustedCertificates = null;
        });

        Assert.Contains("not verified", await testing.LoggedAsync(4104), StringComparison.Ordinal);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Connect_SelfSignedAndTrustedItself_IsTaken()
    {
        await using var testing = new TlsTesting();
        X509Certificate2 server = testing.Certificates.SelfSigned();
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = _ => server);

        (IConnection connection, _, _) = await testing.ConnectAsync(listener, tls => tls.TrustedCertificates = [server]);

        await connection.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connect_IntermediateAuthority_MustBeSent(bool isSent)
    {
        await using var testing = new TlsTesting();
        X509Certificate2 intermediate = testing.Certificates.Intermediate();
        X509Certificate2 server = testing.Certificates.Issue("localhost", issuer: intermediate);
        IListener listener = await testing.ListenAsync(options =>
        {
            options.Tls!.Certificate = testing.Certificates.WritePem("chain.pem", isSent ? [server, intermediate] : [server]);
            options.Tls.Key = testing.Certificates.WriteKey("chain.key", server);
        });

        if (isSent)
        {
            (IConnection connection, _, _) = await testing.ConnectAsync(listener);
            await connection.DisposeAsync();
        }
        else
        {
            Assert.Contains("above 'CN=Test Intermediate'", (await testing.FailsAsync<TlsException>(listener.Url)).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(SslProtocols.Tls12, SslProtocols.Tls13)]
    [InlineData(SslProtocols.Tls13, SslProtocols.Tls12)]
    public async Task Connect_NoVersionInCommon_SaysSoOnBothSides(SslProtocols client, SslProtocols server)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => options.Tls!.Protocols = server);

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url, tls => tls.Protocols = client);

        Assert.Contains("no version of TLS in common", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
        Assert.Contains("no version of TLS in common", await testing.LoggedAsync(4101), StringComparison.Ordinal);
    }

    /// <summary>The test's authority tells nobody whom it has revoked: who asks gets no answer, and that is a no.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Configure_RevocationOfAClient_IsChecked(bool isInThePolicy)
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url, tls => tls.Configure = options =>
        {
            if (isInThePolicy)
                options.CertificateChainPolicy!.RevocationMode = X509RevocationMode.Offline;
            else
                options.CertificateRevocationCheckMode = X509RevocationMode.Offline;
        });

        Assert.Contains("RevocationStatusUnknown", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Under the system's trust too: the address of a missing certificate would be of the peer's choice.</summary>
    [Fact]
    public async Task Handshake_SystemTrust_FetchesNoCertificates()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync();
        X509ChainPolicy? seen = null;

        await testing.FailsAsync<TlsException>(listener.Url, tls => (tls.TrustedCertificates, tls.Configure) = (null, options => seen = options.CertificateChainPolicy));

        Assert.True(seen?.DisableCertificateDownloads);
        Assert.Equal((X509ChainTrustMode.System, X509RevocationMode.NoCheck), (seen!.TrustMode, seen.RevocationMode));
    }

    [Fact]
    public async Task Configure_OnBothSides_HasTheLastWord()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options =>
        {
            options.Tls!.ServerCertificate = _ => testing.Certificates.WrongHost();
            options.Tls.Configure = options => options.EnabledSslProtocols = SslProtocols.Tls12;
        });

        (IConnection connection, _, _) = await testing.ConnectAsync(listener, tls => tls.Configure = options => options.TargetHost = "elsewhere.example");

        Assert.StartsWith("Tls12", await testing.LoggedAsync(4100), StringComparison.Ordinal);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task Connect_AgainAfterTheServerChanged_IsVerifiedAgain()
    {
        await using var testing = new TlsTesting();
        X509Certificate2 server = testing.Certificates.Server;
        IListener listener = await testing.ListenAsync(options => options.Tls!.ServerCertificate = _ => server);
        (IConnection connection, _, _) = await testing.ConnectAsync(listener);
        await connection.DisposeAsync();

        using var others = new TestCertificates();

        await testing.FailsAsync<TlsException>(listener.Url, tls => tls.TrustedCertificates = others.Roots);
    }

    private static async Task<TlsException> RefusedAsync(Func<TestCertificates, X509Certificate2> choose, string host = "localhost")
    {
        await using var testing = new TlsTesting();
        X509Certificate2 certificate = choose(testing.Certificates);
        IListener listener = await testing.ListenAsync(options =>
        {
            options.Url = $"amqps://{host}:0";
            options.Tls!.ServerCertificate = _ => certificate;
        });

        TlsException error = await testing.FailsAsync<TlsException>(listener.Url);

        Assert.False(error.IsTransient);
        return error;
    }
}
