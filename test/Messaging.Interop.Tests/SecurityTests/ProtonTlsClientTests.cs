using System.Collections.Concurrent;
using Messaging.Interop.Tests.Peers;
using Messaging.Tests.Support;

namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>Proton connects to our listener over TLS.</summary>
public sealed class ProtonTlsClientTests : InteropTest
{
    private readonly TestCertificates _certificates = new();
    private readonly ConcurrentQueue<string> _logins = [];

    [Theory]
    [InlineData(null, "ANONYMOUS", "anonymous")]
    [InlineData("alice", "PLAIN", "alice")]
    public async Task Listener_StockProton_LogsInAndPassesAMessage(string? user, string mechanism, string identity)
    {
        var proton = ProtonLogin.Stock;
        await using var listening = await ListenAsync(ClientCertificateMode.None);

        var (code, output) = await RunAsync(proton, listening, mechanism, user);

        Assert.Equal((0, $"LOGIN {mechanism}\nRECEIVED from Proton\n"), (code, output));
        Assert.Equal($"{identity} {mechanism} encrypted", Assert.Single(_logins));
    }

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("SCRAM-SHA-512")]
    public async Task Listener_ProtonWithCyrus_LogsInAndPassesAMessage(string mechanism)
    {
        var proton = ProtonLogin.Cyrus;
        await using var listening = await ListenAsync(ClientCertificateMode.None);

        var (code, output) = await RunAsync(proton, listening, mechanism, "alice");

        Assert.Equal((0, $"LOGIN {mechanism}\nRECEIVED from Proton\n"), (code, output));
        Assert.Equal($"alice {mechanism} encrypted", Assert.Single(_logins));
    }

    [Theory]
    [InlineData(ClientCertificateMode.Optional)]
    [InlineData(ClientCertificateMode.Required)]
    public async Task Listener_ProtonWithItsCertificate_IsWhomItNames(ClientCertificateMode mode)
    {
        var proton = ProtonLogin.Stock;
        await using var listening = await ListenAsync(mode);

        var (code, output) = await RunAsync(proton, listening, "EXTERNAL", null, ["--certificate", _certificates.WritePem("client.pem", _certificates.Client), _certificates.WriteKey("client.key", _certificates.Client)]);

        Assert.Equal((0, "LOGIN EXTERNAL\nRECEIVED from Proton\n"), (code, output));
        Assert.Equal("alice EXTERNAL encrypted", Assert.Single(_logins));
    }

    [Fact]
    public async Task Listener_ProtonWithTheCertificateOfAStranger_IsRefused()
    {
        var proton = ProtonLogin.Stock;
        using var others = new TestCertificates();
        await using var listening = await ListenAsync(ClientCertificateMode.Required);

        var (code, output) = await RunAsync(proton, listening, "EXTERNAL", null, ["--certificate", others.WritePem("client.pem", others.Client), others.WriteKey("client.key", others.Client)]);

        Assert.Equal(1, code);
        Assert.Contains("ERROR", output, StringComparison.Ordinal);
        Assert.Empty(_logins);
    }

    [Fact]
    public async Task Listener_ProtonTrustsAnotherAuthority_ItGoesAway()
    {
        var proton = ProtonLogin.Stock;
        using var others = new TestCertificates();
        await using var listening = await ListenAsync(ClientCertificateMode.None);

        var (code, output) = await proton.RunAsync(
            listening.Url, "ANONYMOUS", null, "", ["--ca", others.WritePem("ca.pem", others.Authority)], ProgramLimit, Limit);

        Assert.Equal(1, code);
        Assert.Contains("certificate verify failed", output, StringComparison.Ordinal);
        Assert.Empty(_logins);
    }

    protected override void Release() => _certificates.Dispose();

    private Task<(int Code, string Output)> RunAsync(ProtonLogin proton, Listening listening, string mechanism, string? user, params string[] options) =>
        proton.RunAsync(
            listening.Url, mechanism, user, Passwords.Right, ["--ca", _certificates.WritePem("ca.pem", _certificates.Authority), .. options], ProgramLimit, Limit);

    private Task<Listening> ListenAsync(ClientCertificateMode mode) => SecureListener.StartAsync(Client, _certificates, mode, _logins, Limit);
}
