using System.Collections.Concurrent;
using Messaging.Interop.Tests.Peers;
using Messaging.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Messaging.Interop.Tests.SecurityTests;

/// <summary>The alerts of a TLS that is not .NET's, which sends none of its own on Linux; openssl has no AMQP, so no connection opens here.</summary>
public sealed class OpenSslTests : InteropTest
{
    private const string Strict = "-Verify 3 -verify_return_error";

    [Theory]
    [InlineData("-tls1_2", "none", "'handshake_failure'")]
    [InlineData("-tls1_3", "none", "'certificate_required'. It wants a client certificate: set Tls.Certificate. It was shown none.")]
    [InlineData("-tls1_2", "untrusted", "'unknown_ca'")]
    [InlineData("-tls1_3", "untrusted", "'unknown_ca'. It does not trust the authority that issued the certificate of this side. It was shown 'CN=alice'.")]
    [InlineData("-tls1_2", "expired", "'certificate_expired'")]
    [InlineData("-tls1_3", "expired", "'certificate_expired'")]
    public async Task Connect_ServerRefusesTheClient_SaysWhyAndIsFinal(string version, string shown, string expected)
    {
        Require();
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        string authority = certificates.WritePem("ca.pem", certificates.Authority);
        await using var server = await PeerServer.StartAsync(
            port => PeerProcess.Start("openssl", [
                .. $"s_server -accept 127.0.0.1:{port} {version} {Strict} -quiet".Split(' '),
                "-CAfile", authority,
                "-cert", certificates.WritePem("server.pem", certificates.Server),
                "-key", certificates.WriteKey("server.key", certificates.Server)]),
            Limit);

        var error = await Assert.ThrowsAsync<TlsException>(() => Client.ConnectAsync(
            new ConnectionOptions
            {
                Url = $"amqps://127.0.0.1:{server.Port}",
                Reconnect = false,
                Tls = new TlsOptions
                {
                    Ca = authority,
                    ClientCertificate = shown switch
                    {
                        "untrusted" => others.Client,
                        "expired" => certificates.IssueClient("alice", from: now.AddDays(-9), to: now.AddDays(-8)),
                        _ => null,
                    },
                },
            },
            Limit).AsTask());

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.False(error.IsTransient);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task Listen_ClientRefusesTheServer_LogsItsAlert(string version)
    {
        Require();
        using var certificates = new TestCertificates();
        using var others = new TestCertificates();
        var log = new Lines();
        await using var client = new MessagingClient(new MessagingClientOptions { LoggerFactory = log });
        await using var listener = await client.ListenAsync(
            new ListenerOptions { Url = "amqps://127.0.0.1:0", Tls = new ListenerTlsOptions { ServerCertificate = _ => certificates.Server } }, Limit);

        await using var program = PeerProcess.Start(
            "openssl", [.. $"s_client -connect {listener.Url["amqps://".Length..]} {version} -verify_return_error -CAfile".Split(' '), others.WritePem("ca.pem", others.Authority)]);

        Assert.NotEqual(0, await program.WaitForEndAsync(ProgramLimit, Limit));
        Assert.Contains("the peer ended TLS with 'unknown_ca'", await log.FirstAsync("no TLS with", Limit), StringComparison.Ordinal);
    }

    private static void Require() =>
        Peer.Require(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "openssl"))),
            "openssl",
            "apt-get install openssl");

    private sealed class Lines : ILoggerFactory, ILogger
    {
        private readonly BlockingCollection<string> _lines = [];

        public Task<string> FirstAsync(string part, CancellationToken limit) =>
            Task.Run(() => _lines.GetConsumingEnumerable(limit).First(line => line.Contains(part, StringComparison.Ordinal)), limit);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Add(formatter(state, exception));

        public void Dispose() => _lines.Dispose();
    }
}
