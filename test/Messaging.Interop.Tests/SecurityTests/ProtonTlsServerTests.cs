using Messaging.Interop.Tests.Peers;
using Messaging.Tests.Support;

namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>Our client connects to Proton over TLS.</summary>
public sealed class ProtonTlsServerTests : InteropTest
{
    private readonly TestCertificates _certificates = new();

    [Fact]
    public async Task ConnectAsync_StockProton_LogsInAndPassesAMessage()
    {
        await using var server = await ServeAsync(ProtonLogin.Stock, "ANONYMOUS");
        await using var connection = await Client.ConnectAsync(Options(server), Limit);

        Assert.Equal("there and back", await PassAsync(connection, "examples"));

        await server.Process.WaitForLineAsync("LOGIN anonymous ANONYMOUS", ProgramLimit, Limit);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task ConnectAsync_ProtonWithCyrus_LogsInAndPassesAMessage(string mechanism)
    {
        await using var server = await ServeAsync(ProtonLogin.Cyrus, mechanism);
        var options = Options(server);
        (options.User, options.Password) = ("alice", Passwords.Right);
        await using var connection = await Client.ConnectAsync(options, Limit);

        Assert.Equal("there and back", await PassAsync(connection, "examples"));

        await server.Process.WaitForLineAsync($"LOGIN alice {mechanism}", ProgramLimit, Limit);
    }

    [Fact]
    public async Task ConnectAsync_OurCertificate_LogsInByExternal()
    {
        await using var server = await ServeAsync(ProtonLogin.Stock, "EXTERNAL", "--client-ca", _certificates.WritePem("ca.pem", _certificates.Authority));
        var options = Options(server);
        options.Tls!.ClientCertificate = _certificates.Client;
        await using var connection = await Client.ConnectAsync(options, Limit);

        Assert.Equal("there and back", await PassAsync(connection, "examples"));

        await server.Process.WaitForLineAsync("LOGIN CN=alice EXTERNAL", ProgramLimit, Limit);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ConnectAsync_WrongAuthorityOrName_IsRefused(bool isAuthority)
    {
        using var others = new TestCertificates();
        await using var server = await ServeAsync(ProtonLogin.Stock, "ANONYMOUS");
        var options = Options(server);
        options.Tls = isAuthority
            ? new TlsOptions { TrustedCertificates = others.Roots }
            : new TlsOptions { TrustedCertificates = _certificates.Roots, ServerName = "elsewhere.example" };

        var exception = await Assert.ThrowsAsync<TlsException>(() => Client.ConnectAsync(options, Limit).AsTask());

        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task ConnectAsync_CertificateRequiredAndNotShown_Fails()
    {
        await using var server = await ServeAsync(ProtonLogin.Stock, "EXTERNAL ANONYMOUS", "--client-ca", _certificates.WritePem("ca.pem", _certificates.Authority));

        var exception = await Assert.ThrowsAsync<TlsException>(() => Client.ConnectAsync(Options(server), Limit).AsTask());

        Assert.Contains("certificate", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    protected override void Release() => _certificates.Dispose();

    private Task<PeerServer> ServeAsync(ProtonLogin proton, string mechanisms, params string[] options) => proton.ServeAsync(
        mechanisms,
        Passwords.Right,
        ["--tls", _certificates.WritePem("server.pem", _certificates.Server), _certificates.WriteKey("server.key", _certificates.Server), .. options],
        Limit);

    private ConnectionOptions Options(PeerServer server) =>
        new() { Url = server.TlsUrl, Tls = new TlsOptions { TrustedCertificates = _certificates.Roots }, Reconnect = false };
}
