using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;
using Messaging.Tests.Transport.Tls;
using Messaging.Transport;

namespace Messaging.Tests.Security;

/// <summary>What TLS adds to a login: channel binding, the client's certificate, and mechanisms that show the secret.</summary>
public sealed class SaslOverTlsTests
{
    public static TheoryData<string> Hashes => ["SCRAM-SHA-512", "SCRAM-SHA-256", "SCRAM-SHA-1"];

    [Theory]
    [MemberData(nameof(Hashes))]
    public async Task Plus_IsTakenBeforeThePlainForm(string mechanism)
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls);

        Assert.Equal(("alice", mechanism + "-PLUS"), await LogInAsync(tls, listener, options => options.AllowedMechanisms = [mechanism, mechanism + "-PLUS"]));
        Assert.Equal(("alice", mechanism + "-PLUS"), await LogInAsync(tls, listener, options => options.AllowedMechanisms = [mechanism.ToLowerInvariant()])); // the name means both forms

        IListener named = await ListenAsync(tls, options => options.AllowedMechanisms = [mechanism]);
        Assert.Equal(("alice", mechanism + "-PLUS"), await LogInAsync(tls, named, _ => { }));
    }

    [Fact]
    public async Task Plus_WrongPassword_IsRefused()
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls);
        ConnectionOptions options = tls.Options(listener.Url);
        (options.User, options.Password) = ("alice", "wrong");

        SaslException exception = await tls.Client.ConnectAsync(options, BoundedWaits.Stop).Throws<SaslException, IConnection>();

        Assert.Equal(SaslFailure.CredentialsRefused, exception.Failure);
        Assert.Contains("SCRAM-SHA-512-PLUS", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PLAIN")]
    [InlineData("OAUTHBEARER")]
    [InlineData("XOAUTH2")]
    public async Task ThatShowTheSecret_AreTakenWithoutTheSwitch(string mechanism)
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls);

        Assert.Equal(("alice", mechanism), await LogInAsync(tls, listener, options => options.AllowedMechanisms = [mechanism]));
    }

    [Theory]
    [InlineData(false, "alice")]
    [InlineData(true, "mapped alice")]
    public async Task External_IdentityIsTheCertificates(bool isMapped, string identity)
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls, options => options.CertificateIdentity = isMapped ? certificate => "mapped " + certificate.GetNameInfo(default, false) : null);

        (_, IIncomingConnection incoming, IConnection accepted) = await tls.ConnectAsync(listener, options => options.ClientCertificate = tls.Certificates.Client);

        Assert.Equal((identity, "EXTERNAL"), (incoming.Identity, incoming.SaslMechanism));
        await accepted.DisposeAsync();
    }

    [Fact]
    public async Task External_IdentityRefused_IsRefused()
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls, options => options.CertificateIdentity = _ => null);

        SaslException exception = await tls.FailsAsync<SaslException>(listener.Url, options => options.ClientCertificate = tls.Certificates.Client);

        Assert.Equal(SaslFailure.CredentialsRefused, exception.Failure);
        Assert.Contains("gives no identity", await tls.LoggedAsync(5003), StringComparison.Ordinal);
    }

    [Fact]
    public async Task External_NoCertificate_IsNotOffered()
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls, options => options.AllowAnonymous = false);
        ConnectionOptions options = tls.Options(listener.Url);
        options.AllowedMechanisms = ["EXTERNAL"];

        SaslException exception = await tls.Client.ConnectAsync(options, BoundedWaits.Stop).Throws<SaslException, IConnection>();

        Assert.Equal(SaslFailure.NoCommonMechanism, exception.Failure);
        Assert.DoesNotContain("offers EXTERNAL", exception.Message, StringComparison.Ordinal);
    }

    /// <summary>RFC 4422, appendix A: the message is the identity that the client wants to act as.</summary>
    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("alice", 0)]
    [InlineData("root", 1)]
    public async Task External_AuthorizationIdentity_MustBeTheCertificates(string? asked, byte outcome)
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls);
        await using RawPeer peer = await DialAsync(listener, new TlsOptions { TrustedCertificates = tls.Certificates.Roots, ClientCertificate = tls.Certificates.Client });

        await peer.SendSaslAsync(new SaslInit { Mechanism = "EXTERNAL", InitialResponse = asked is null ? null : System.Text.Encoding.UTF8.GetBytes(asked) });

        Assert.Equal(outcome, (await peer.ReadAsync<SaslOutcome>()).Code);
    }

    /// <summary>A middleman takes the -PLUS mechanisms out of the offer; its own TLS gives it the listener's true certificate here, so that only the flag can tell.</summary>
    [Fact]
    public async Task Plus_StrippedByAMiddleman_IsRefusedByTheListener()
    {
        await using var tls = new TlsTesting();
        IListener listener = await ListenAsync(tls);
        await using RawPeer peer = await DialAsync(listener, new TlsOptions { TrustedCertificates = tls.Certificates.Roots });

        await peer.SendSaslAsync(new SaslInit { Mechanism = "SCRAM-SHA-256", InitialResponse = "y,,n=alice,r=abcdefgh"u8.ToArray() });

        Assert.Equal(1, (await peer.ReadAsync<SaslOutcome>()).Code);
        Assert.Contains("somebody between", await tls.LoggedAsync(5003), StringComparison.Ordinal);
    }

    private static Task<IListener> ListenAsync(TlsTesting tls, Action<ListenerOptions>? change = null)
    {
        var users = new InMemoryUserStore(4096);
        users.Add("alice", "secret");
        return tls.ListenAsync(options =>
        {
            options.Tls = new ListenerTlsOptions { ClientCertificate = ClientCertificateMode.Optional, TrustedCertificates = tls.Certificates.Roots };
            options.Users = users;
            options.AuthenticateToken = (token, _) => new ValueTask<string?>(token == "t0ken" ? "alice" : null);
            change?.Invoke(options);
        });
    }

    private static async Task<(string Identity, string? Mechanism)> LogInAsync(TlsTesting tls, IListener listener, Action<ConnectionOptions> change)
    {
        (_, IIncomingConnection incoming, IConnection accepted) = await tls.ConnectAsync(listener, more: options =>
        {
            options.CredentialProvider = CredentialProvider.Create((_, _) => new ValueTask<SaslCredentials?>(new SaslCredentials { User = "alice", Password = "secret", Token = "t0ken" }));
            change(options);
        });
        await accepted.DisposeAsync();
        return (incoming.Identity, incoming.SaslMechanism);
    }

    /// <summary>A peer behind TLS that has seen the offer.</summary>
    private static async Task<RawPeer> DialAsync(IListener listener, TlsOptions options)
    {
        var peer = new RawPeer(await TransportFactory.ConnectAsync(ConnectionUrl.Parse(listener.Url), new TransportSettings { Tls = options }, BoundedWaits.Stop).Bounded());
        await peer.SendRawAsync(FrameWriter.SaslHeader.ToArray());
        await peer.ReadAsync<string>();
        Symbol[] offered = (await peer.ReadAsync<SaslMechanisms>()).Mechanisms;
        Assert.Contains<Symbol>("SCRAM-SHA-256-PLUS", offered);
        return peer;
    }
}
