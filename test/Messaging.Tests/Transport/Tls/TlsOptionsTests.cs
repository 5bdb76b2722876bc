using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Messaging.Tests.Support;

namespace Messaging.Tests.Transport.Tls;

public sealed class TlsOptionsTests
{
    private static readonly Dictionary<string, Action<TlsOptions, TestCertificates>> WrongClientOptions = new(StringComparer.Ordinal)
    {
        ["Tls.Certificate and Tls.ClientCertificate are both set"] = (tls, certificates) => (tls.Certificate, tls.ClientCertificate) = ("a.pem", certificates.Client),
        ["Tls.ClientCertificate has no private key"] = (tls, certificates) => tls.ClientCertificate = certificates.Roots[0],
        ["Tls.Key is set without Tls.Certificate"] = (tls, _) => tls.Key = "a.key",
        ["Tls.KeyPassword is set without Tls.Certificate"] = (tls, _) => tls.KeyPassword = TestCertificates.Password,
        ["Tls.Ca and Tls.TrustedCertificates are both set"] = (tls, certificates) => (tls.Ca, tls.TrustedCertificates) = ("ca.pem", certificates.Roots),
        ["Tls.TrustedCertificates is empty"] = (tls, _) => tls.TrustedCertificates = [],
        ["Tls.Certificate is empty"] = (tls, _) => tls.Certificate = "",
        ["Tls.Ca is empty"] = (tls, _) => tls.Ca = "",
        ["Tls.ServerName is empty"] = (tls, _) => tls.ServerName = "",
        ["Tls.Mode is 7"] = (tls, _) => tls.Mode = (TlsMode)7,
    };

    private static readonly Dictionary<string, (string Scheme, Action<ListenerTlsOptions, TestCertificates> Change)> WrongListenerOptions = new(StringComparer.Ordinal)
    {
        ["Tls has no certificate"] = ("amqps", (tls, _) => tls.Mode = TlsMode.Direct),
        ["Tls.Certificate and Tls.ServerCertificate are both set"] = ("amqps", (tls, certificates) => (tls.Certificate, tls.ServerCertificate) = ("a.pem", _ => certificates.Server)),
        ["Tls.Key is set without Tls.Certificate"] = ("amqps", (tls, _) => tls.Key = "a.key"),
        ["for client certificates"] = ("amqps", (tls, certificates) => (tls.Certificate, tls.TrustedCertificates) = ("a.pem", certificates.Roots)),
        ["set without Tls.Ca or Tls.TrustedCertificates"] = ("amqps", (tls, _) => (tls.Certificate, tls.ClientCertificate) = ("a.pem", ClientCertificateMode.Optional)),
        ["clients may stay on clear text"] = ("amqp", (tls, certificates) => (tls.Mode, tls.Certificate, tls.ClientCertificate, tls.TrustedCertificates) = (TlsMode.InBand, "a.pem", ClientCertificateMode.Required, certificates.Roots)),
        ["Tls.ClientCertificate is 9"] = ("amqps", (tls, _) => (tls.Certificate, tls.ClientCertificate) = ("a.pem", (ClientCertificateMode)9)),
        ["the scheme 'amqp' is clear text"] = ("amqp", (tls, _) => tls.Certificate = "a.pem"),
        ["the scheme 'inproc' does not use it"] = ("inproc", (tls, _) => tls.Certificate = "a.pem"),
    };

    public static TheoryData<string> WrongClients => [.. WrongClientOptions.Keys];

    public static TheoryData<string> WrongListeners => [.. WrongListenerOptions.Keys];

    [Theory]
    [MemberData(nameof(WrongClients))]
    public async Task Connect_OptionsContradict_SaysWhich(string problem)
    {
        await using var testing = new TlsTesting();

        ArgumentException error = await testing.Client
            .ConnectAsync(testing.Options("amqps://localhost:1", tls =>
            {
                tls.TrustedCertificates = null;
                WrongClientOptions[problem](tls, testing.Certificates);
            }), BoundedWaits.Stop).AsTask().ThrowsAny<ArgumentException>();

        Assert.StartsWith(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(TestCertificates.Password, error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongListeners))]
    public async Task Listen_OptionsContradict_SaysWhich(string problem)
    {
        await using var testing = new TlsTesting();
        (string scheme, Action<ListenerTlsOptions, TestCertificates> change) = WrongListenerOptions[problem];
        var options = new ListenerOptions { Url = scheme == "inproc" ? TestPair.UniqueUrl() : $"{scheme}://localhost:0", Tls = new ListenerTlsOptions() };
        change(options.Tls, testing.Certificates);

        ArgumentException error = await testing.Client.ListenAsync(options, BoundedWaits.Stop).AsTask().ThrowsAny<ArgumentException>();

        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("amqp://localhost:1")]
    [InlineData("inproc://somewhere")]
    public void Freeze_TlsWithASchemeThatHasNone_IsRefused(string url)
    {
        var options = new ConnectionOptions { Url = url, Tls = new TlsOptions() };
        var endpoint = new EndpointOptions { Url = url, Tls = new TlsOptions() };

        Assert.StartsWith("Tls is set", Assert.Throws<ArgumentException>(() => options.Freeze()).Message, StringComparison.Ordinal);
        Assert.StartsWith("Failover: Tls is set", Assert.Throws<ArgumentException>(() => new ConnectionOptions { Failover = [endpoint] }.Freeze()).Message, StringComparison.Ordinal);
        options.Failover = ["amqps://beta.example.com"];
        Assert.NotNull(options.Freeze().Tls);
    }

    [Fact]
    public void Protocols_Default_AreTheTwoThatAreSafe()
    {
        const SslProtocols Safe = SslProtocols.Tls12 | SslProtocols.Tls13;

        Assert.Equal((Safe, Safe), (new TlsOptions().Protocols, new ListenerTlsOptions().Protocols));
    }

    [Fact]
    public async Task Listen_AmqpsWithoutTls_SaysThatACertificateIsMissing()
    {
        await using var testing = new TlsTesting();

        ArgumentException error = await testing.Client.ListenAsync("amqps://localhost:0", BoundedWaits.Stop).Throws<ArgumentException, IListener>();

        Assert.Contains("set Tls.Certificate or Tls.ServerCertificate", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_OptionsChangedAfterwards_KeepsItsCopy()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Tls!.ClientCertificate, options.Tls.TrustedCertificates) = (ClientCertificateMode.Optional, testing.Certificates.Roots));
        ConnectionOptions options = testing.Options(listener.Url, tls => tls.Protocols = SslProtocols.Tls12);
        X509Certificate2Collection trusted = options.Tls!.TrustedCertificates!;

        Task<IConnection> connecting = testing.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
        options.Tls.Protocols = SslProtocols.None;
        trusted.Clear();
        IIncomingConnection incoming = await listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();

        await (await connecting.Bounded()).DisposeAsync();
        Assert.StartsWith("Tls12", await testing.LoggedAsync(4100), StringComparison.Ordinal);
    }
}
