using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Messaging.Tests.Support;
using Messaging.Transport;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Tests.Transport.Tls;

/// <summary>Files that change under a running listener.</summary>
public sealed class TlsReloadTests
{
    [Fact]
    public async Task Certificate_Replaced_NewConnectionsGetTheNewOne()
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing);
        Assert.Equal(testing.Certificates.Server.Thumbprint, await ShownAsync(testing, listener));
        (IConnection old, _, IConnection accepted) = await testing.ConnectAsync(listener);
        X509Certificate2 renewed = testing.Certificates.Issue("localhost");

        Write(testing, renewed);

        Assert.Equal(renewed.Thumbprint, await ShownAsync(testing, listener));
        Assert.Contains("new connections use them", await testing.LoggedAsync(4102), StringComparison.Ordinal);
        Assert.Equal(ConnectionState.Connected, old.State);
        Assert.Equal(ConnectionState.Connected, accepted.State);
        await old.DisposeAsync();
    }

    /// <summary>A reading that began before the files changed and ends after a later one has seen the change must not bring the old ones back.</summary>
    [Fact]
    public async Task GetAsync_AnOlderReadingEndsLater_TheNewerOneStays()
    {
        var readings = new Queue<TaskCompletionSource<byte[][]>>([new(), new(), new()]);
        TaskCompletionSource<byte[][]>[] all = [.. readings];
        var files = new ReloadedFiles<string>("test", _ => new ValueTask<byte[][]>(readings.Dequeue().Task), static contents => Encoding.UTF8.GetString(contents[0]), NullLogger.Instance);
        Task<string> older = files.GetAsync(BoundedWaits.Stop).AsTask();
        Task<string> newer = files.GetAsync(BoundedWaits.Stop).AsTask();

        all[1].SetResult(["new"u8.ToArray()]);
        Assert.Equal("new", await newer.Bounded());
        all[0].SetResult(["old"u8.ToArray()]);

        Assert.Equal("new", await older.Bounded());
        Task<string> broken = files.GetAsync(BoundedWaits.Stop).AsTask();
        all[2].SetException(new TlsException("gone"));
        Assert.Equal("new", await broken.Bounded());
    }

    [Fact]
    public async Task Certificate_BehindALink_IsReloadedWhenTheLinkMoves()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege there.");
        await using var testing = new TlsTesting();
        X509Certificate2 renewed = testing.Certificates.Issue("localhost");
        foreach ((string folder, X509Certificate2 certificate) in new[] { ("old", testing.Certificates.Server), ("new", renewed) })
        {
            Directory.CreateDirectory(testing.Certificates.PathOf(folder));
            testing.Certificates.WritePem($"{folder}/tls.crt", certificate);
            testing.Certificates.WriteKey($"{folder}/tls.key", certificate);
        }

        string data = testing.Certificates.PathOf("data"), next = testing.Certificates.PathOf("next");
        Directory.CreateSymbolicLink(data, testing.Certificates.PathOf("old")); // as Kubernetes mounts secrets: the link to the folder moves, the files' own links do not
        File.CreateSymbolicLink(testing.Certificates.PathOf("tls.crt"), "data/tls.crt");
        File.CreateSymbolicLink(testing.Certificates.PathOf("tls.key"), "data/tls.key");
        IListener listener = await testing.ListenAsync(options =>
            (options.Tls!.Certificate, options.Tls.Key) = (testing.Certificates.PathOf("tls.crt"), testing.Certificates.PathOf("tls.key")));
        Assert.Equal(testing.Certificates.Server.Thumbprint, await ShownAsync(testing, listener));

        Directory.CreateSymbolicLink(next, testing.Certificates.PathOf("new"));
        File.Delete(data);
        Directory.Move(next, data);

        Assert.Equal(renewed.Thumbprint, await ShownAsync(testing, listener));
    }

    [Theory]
    [InlineData("garbage", "holds no certificate")]
    [InlineData("mismatch", "does not belong to")]
    [InlineData("gone", "cannot be read")]
    public async Task Certificate_ReplacedByABadOne_KeepsTheOldOneAndLogsOnce(string how, string problem)
    {
        await using var testing = new TlsTesting();
        IListener listener = await ListenAsync(testing);

        if (how == "garbage") testing.Certificates.Write("server.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        else if (how == "mismatch") testing.Certificates.WritePem("server.pem", testing.Certificates.Issue("localhost"));
        else File.Delete(testing.Certificates.PathOf("server.pem"));

        for (int i = 0; i < 3; i++)
            Assert.Equal(testing.Certificates.Server.Thumbprint, await ShownAsync(testing, listener));
        Assert.Contains(problem, Assert.Single(testing.Log.Lines, line => line.Id == 4103).Text, StringComparison.Ordinal);

        X509Certificate2 repaired = testing.Certificates.Issue("localhost");
        Write(testing, repaired);
        Assert.Equal(repaired.Thumbprint, await ShownAsync(testing, listener));
    }

    [Fact]
    public async Task Authorities_Replaced_CountForNewConnections()
    {
        await using var testing = new TlsTesting();
        using var others = new TestCertificates();
        IListener listener = await testing.ListenAsync(options =>
        {
            options.Tls!.ClientCertificate = ClientCertificateMode.Required;
            options.Tls.Ca = testing.Certificates.WritePem("clients.pem", testing.Certificates.Authority);
        });
        (IConnection first, _, _) = await testing.ConnectAsync(listener, tls => tls.ClientCertificate = testing.Certificates.Client);
        await first.DisposeAsync();

        testing.Certificates.WritePem("clients.pem", others.Authority);

        (IConnection second, _, _) = await testing.ConnectAsync(listener, tls => tls.ClientCertificate = others.Client);
        await second.DisposeAsync();
        await testing.FailsAsync<TlsException>(listener.Url, tls => tls.ClientCertificate = testing.Certificates.Client);
    }

    [Fact]
    public async Task ClientFiles_Replaced_CountForTheNextConnect()
    {
        await using var testing = new TlsTesting();
        IListener listener = await testing.ListenAsync(options => (options.Tls!.ClientCertificate, options.Tls.TrustedCertificates) = (ClientCertificateMode.Required, testing.Certificates.Roots));
        ConnectionOptions options = testing.Options(listener.Url, tls => (tls.Certificate, tls.Key) = (testing.Certificates.PathOf("client.pem"), testing.Certificates.PathOf("client.key")));

        foreach (string name in new[] { "before", "after" })
        {
            X509Certificate2 client = testing.Certificates.IssueClient(name);
            testing.Certificates.WritePem("client.pem", client);
            testing.Certificates.WriteKey("client.key", client);

            Task<IConnection> connecting = testing.Client.ConnectAsync(options, BoundedWaits.Stop).AsTask();
            IIncomingConnection incoming = await listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
            await incoming.AcceptAsync(BoundedWaits.Stop).Bounded();

            Assert.Equal($"CN={name}", incoming.ClientCertificate!.Subject);
            await (await connecting.Bounded()).DisposeAsync();
        }
    }

    private static Task<IListener> ListenAsync(TlsTesting testing)
    {
        (string certificate, string key) = Write(testing, testing.Certificates.Server);
        return testing.ListenAsync(options => (options.Tls!.Certificate, options.Tls.Key) = (certificate, key));
    }

    private static (string Certificate, string Key) Write(TlsTesting testing, X509Certificate2 certificate) =>
        (testing.Certificates.WritePem("server.pem", certificate), testing.Certificates.WriteKey("server.key", certificate));

    private static async Task<string> ShownAsync(TlsTesting testing, IListener listener)
    {
        using var stream = new SslStream(new NetworkStream(await testing.DialAsync(listener)));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true }, BoundedWaits.Stop).Bounded();
        return ((X509Certificate2)stream.RemoteCertificate!).Thumbprint;
    }
}
