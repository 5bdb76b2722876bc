using Messaging.Interop.Tests.Peers;
using Messaging.Interop.Tests.SecurityTests;
using Messaging.Tests.Support;

namespace Messaging.Interop.Tests.RabbitMqTests;

/// <summary>Logging in to RabbitMQ: PLAIN, ANONYMOUS and EXTERNAL, in clear text and over TLS, and what must not succeed.</summary>
public sealed class LoginTests(RealPeers peers) : RabbitMqTest(peers)
{
    [Fact]
    public async Task Plain_OverTls_PassesAMessage()
    {
        var options = await TlsOptionsAsync();
        options.AllowedMechanisms = ["PLAIN"];

        await PassAsync(options);
    }

    [Fact]
    public async Task Plain_ClearTextAllowed_PassesAMessage() => await PassAsync(await OptionsAsync());

    [Fact]
    public async Task Plain_ClearTextNotAllowed_IsNotSent()
    {
        var options = await OptionsAsync();
        options.AllowInsecureMechanisms = false;

        var exception = await ThrowsAsync<SaslException>(options);

        Assert.Equal(SaslFailure.NoCommonMechanism, exception.Failure);
        Assert.Contains(nameof(ConnectionOptions.AllowInsecureMechanisms), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Anonymous_WithoutAUser_PassesAMessage() =>
        await PassAsync(new ConnectionOptions { Url = (await ServerAsync()).Url, AllowedMechanisms = ["ANONYMOUS"], Reconnect = false });

    [Theory]
    [InlineData("client.pem", "client.key")]
    [InlineData("client.p12", null)]
    public async Task External_ClientCertificate_PassesAMessage(string certificate, string? key)
    {
        var folder = (await ServerWithTlsAsync()).Certificates;
        var options = await TlsOptionsAsync();
        (options.User, options.Password, options.AllowedMechanisms) = (null, null, ["EXTERNAL"]);
        options.Tls!.Certificate = Path.Combine(folder, certificate);
        options.Tls.Key = key is null ? null : Path.Combine(folder, key);

        await PassAsync(options);
    }

    [Fact]
    public async Task External_NoClientCertificate_IsNotTried()
    {
        var options = await TlsOptionsAsync();
        (options.User, options.Password, options.AllowedMechanisms) = (null, null, ["EXTERNAL"]);

        var exception = await ThrowsAsync<SaslException>(options);

        Assert.Equal(SaslFailure.NoCommonMechanism, exception.Failure);
    }

    [Fact]
    public async Task Plain_WrongPassword_IsRefusedForGood() // the server takes three seconds to say so
    {
        var options = await TlsOptionsAsync();
        options.Password = Passwords.Wrong;

        var exception = await ThrowsAsync<SaslException>(options);

        Assert.Equal(SaslFailure.CredentialsRefused, exception.Failure);
        Assert.False(exception.IsTransient);
        Assert.DoesNotContain(Passwords.Wrong, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tls_AuthorityNotTrusted_IsRefused()
    {
        using var others = new TestCertificates();
        var options = await TlsOptionsAsync();
        options.Tls = new TlsOptions { TrustedCertificates = others.Roots };

        var exception = await ThrowsAsync<TlsException>(options);

        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task Tls_SystemTrust_DoesNotKnowTheAuthority()
    {
        var options = await TlsOptionsAsync();
        options.Tls = null;

        var exception = await ThrowsAsync<TlsException>(options);

        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task Tls_OtherHostName_IsRefused()
    {
        var options = await TlsOptionsAsync();
        options.Tls!.ServerName = "elsewhere.example";

        var exception = await ThrowsAsync<TlsException>(options);

        Assert.Contains("elsewhere.example", exception.Message, StringComparison.Ordinal);
        Assert.False(exception.IsTransient);
    }

    private async Task PassAsync(ConnectionOptions options)
    {
        await using var connection = await Client.ConnectAsync(options, Limit);

        Assert.Equal("there and back", await PassAsync(connection, await DeclareQueueAsync(connection)));
    }

    private Task<T> ThrowsAsync<T>(ConnectionOptions options)
        where T : Exception => Assert.ThrowsAsync<T>(() => Client.ConnectAsync(options, Limit).AsTask());

    private async Task<ConnectionOptions> TlsOptionsAsync()
    {
        var server = await ServerWithTlsAsync();
        return new ConnectionOptions
        {
            Url = server.TlsUrl,
            User = "guest",
            Password = "guest",
            Tls = new TlsOptions { Ca = Path.Combine(server.Certificates, "ca.pem") },
            Reconnect = false,
        };
    }
}
