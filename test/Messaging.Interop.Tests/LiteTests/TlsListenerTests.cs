using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Messaging.Interop.Tests.SecurityTests;
using Messaging.Tests.Support;
using Lite = global::Amqp;

namespace Messaging.Interop.Tests.LiteTests;

/// <summary>AMQPNetLite connects to our listener over TLS.</summary>
public sealed class TlsListenerTests : InteropTest
{
    private readonly TestCertificates _certificates = new();
    private readonly ConcurrentQueue<string> _logins = [];

    [Theory]
    [InlineData("", "anonymous ANONYMOUS encrypted")]
    [InlineData("alice", "alice PLAIN encrypted")]
    public async Task Listener_UserOrNone_LogsInAndPassesAMessage(string user, string login)
    {
        await using var listening = await ListenAsync(ClientCertificateMode.None);
        var url = user.Length == 0 ? listening.Url : listening.Url.Replace("//", $"//{user}:{Passwords.Right}@", StringComparison.Ordinal);
        var factory = Factory(_certificates.Authority);
        if (user.Length == 0)
            factory.SASL.Profile = Lite.Sasl.SaslProfile.Anonymous;

        Assert.Equal("there and back", await PassAsync(factory, url));

        Assert.Equal(login, Assert.Single(_logins));
    }

    [Fact]
    public async Task Listener_ClientCertificate_IsWhomItNames()
    {
        await using var listening = await ListenAsync(ClientCertificateMode.Required);
        var factory = Factory(_certificates.Authority);
        factory.SSL.ClientCertificates.Add(_certificates.Client);
        factory.SASL.Profile = Lite.Sasl.SaslProfile.External;

        Assert.Equal("there and back", await PassAsync(factory, listening.Url));

        Assert.Equal("alice EXTERNAL encrypted", Assert.Single(_logins));
    }

    [Fact]
    public async Task Listener_ClientTrustsAnotherAuthority_ItGoesAway()
    {
        using var others = new TestCertificates();
        await using var listening = await ListenAsync(ClientCertificateMode.None);

        await Assert.ThrowsAnyAsync<System.Security.Authentication.AuthenticationException>(() => Factory(others.Authority).CreateAsync(new Lite.Address(listening.Url)));

        Assert.Empty(_logins);
    }

    [Fact]
    public async Task Listener_WrongPassword_RefusesTheLogin()
    {
        await using var listening = await ListenAsync(ClientCertificateMode.None);
        var url = listening.Url.Replace("//", $"//alice:{Passwords.Wrong}@", StringComparison.Ordinal);

        var exception = await Assert.ThrowsAsync<Lite.AmqpException>(() => Factory(_certificates.Authority).CreateAsync(new Lite.Address(url)));

        Assert.Equal("amqp:unauthorized-access", exception.Error.Condition.ToString());
        Assert.Empty(_logins);
    }

    protected override void Release() => _certificates.Dispose();

    private static async Task<object> PassAsync(Lite.ConnectionFactory factory, string url)
    {
        await using var client = new LiteClient(await factory.CreateAsync(new Lite.Address(url)));
        await client.Sender("examples").SendAsync(new Lite.Message("there and back"));
        return Assert.Single(await LiteClient.ReceiveBodiesAsync(client.Receiver("examples"), 1));
    }

    /// <summary>It has no option for an authority of one's own: a callback builds the chain.</summary>
    private static Lite.ConnectionFactory Factory(X509Certificate2 authority)
    {
        var factory = new Lite.ConnectionFactory();
        factory.SSL.CheckCertificateRevocation = false;
        factory.SSL.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            using var chain = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
            chain.ChainPolicy.CustomTrustStore.Add(authority);
            return certificate is X509Certificate2 server && chain.Build(server) && server.MatchesHostname("localhost");
        };
        return factory;
    }

    private Task<Listening> ListenAsync(ClientCertificateMode mode) => SecureListener.StartAsync(Client, _certificates, mode, _logins, Limit);
}
