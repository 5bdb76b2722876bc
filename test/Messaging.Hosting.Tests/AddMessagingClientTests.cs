using System.Runtime.CompilerServices;
using System.Text;
using Messaging.Broker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Hosting.Tests;

public sealed class AddMessagingClientTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Client_IsASingleton_ThatSendsAndReceives()
    {
        await using MessageBroker broker = await MessageBroker.StartAsync("inproc://hosting-hello", Token);
        await using ServiceProvider services = new ServiceCollection()
            .AddMessagingClient(options => options.Connection = new ConnectionOptions { Url = broker.Url })
            .BuildServiceProvider();
        IMessagingClient client = services.GetRequiredService<IMessagingClient>();

        ISender sender = await client.CreateSenderAsync("q", Token);
        await sender.SendAsync(new Message("Hello"), Token);
        IReceiver receiver = await client.CreateReceiverAsync("q", Token);
        IDelivery delivery = await receiver.ReceiveAsync(Token);

        Assert.Equal("Hello", delivery.Message.Body);
        Assert.Same(client, services.GetRequiredService<IMessagingClient>());
        Assert.Same(sender.Connection, receiver.Connection);
    }

    [Fact]
    public async Task Configuration_SetsTheOptions()
    {
        IConfiguration configuration = Configuration(
            ("Messaging:url", "amqp://alice@example.net:1234"),
            ("Messaging:password", "secret"),
            ("Messaging:containerId", "orders"),
            ("Messaging:virtualHost", "v"),
            ("Messaging:sasl:allow_insecure", "true"),
            ("Messaging:sasl:mechanisms:0", "PLAIN"),
            ("Messaging:sasl:mechanisms:1", "ANONYMOUS"),
            ("Messaging:reconnect", "false"),
            ("Messaging:connectTimeout", "00:00:05"),
            ("Messaging:idleTimeout", "00:01:00"),
            ("Messaging:maxFrameSize", "4096"));
        await using ServiceProvider services = new ServiceCollection().AddMessagingClient(configuration.GetSection("Messaging")).BuildServiceProvider();

        MessagingClientOptions options = services.GetRequiredService<IOptions<MessagingClientOptions>>().Value;

        Assert.Equal("orders", options.ContainerId);
        Assert.Equal("orders", services.GetRequiredService<IMessagingClient>().ContainerId);
        ConnectionOptions connection = options.Connection!;
        Assert.Equal("amqp://alice@example.net:1234", connection.Url);
        Assert.Equal("secret", connection.Password);
        Assert.Equal("v", connection.VirtualHost);
        Assert.True(connection.AllowInsecureMechanisms);
        Assert.Equal(["PLAIN", "ANONYMOUS"], connection.AllowedMechanisms!);
        Assert.False(connection.Reconnect);
        Assert.Equal(TimeSpan.FromSeconds(5), connection.ConnectTimeout);
        Assert.Equal(TimeSpan.FromMinutes(1), connection.IdleTimeout);
        Assert.Equal(4096, connection.MaxFrameSize);
    }

    [Theory]
    [InlineData(null, null, null, "amqps://localhost:5671")]
    [InlineData("amqp", "example.net", null, "amqp://example.net")]
    [InlineData("amqp", "example.net", "5000", "amqp://example.net:5000")]
    [InlineData("amqp", "::1", "amqp", "amqp://[::1]:5672")]
    [InlineData(null, "example.net", null, "amqps://example.net")]
    [InlineData("amqp", null, null, "amqp://localhost")]
    public async Task Configuration_MakesTheUrlOfItsParts(string? scheme, string? host, string? port, string url)
    {
        IConfiguration configuration = Configuration(("M:scheme", scheme), ("M:host", host), ("M:port", port), ("M:sasl:mechanisms", "PLAIN  ANONYMOUS"));
        await using ServiceProvider services = new ServiceCollection().AddMessagingClient(configuration.GetSection("M")).BuildServiceProvider();

        ConnectionOptions connection = services.GetRequiredService<IOptions<MessagingClientOptions>>().Value.Connection!;

        Assert.Equal(url, connection.Url);
        Assert.Equal(["PLAIN", "ANONYMOUS"], connection.AllowedMechanisms!);
    }

    [Theory]
    [InlineData("M:port", "none", "M:port")]
    [InlineData("M:port", "70000", "'M:port' is wrong: it must be a number from 1 to 65535")]
    [InlineData("M:port:0", "1", "'M:port' is wrong: it must be a number from 1 to 65535, \"amqp\" or \"amqps\", not a list")]
    [InlineData("M:host", "example.net:5672", "'M:host' is wrong: it must be a host name")]
    [InlineData("M:sasl", "PLAIN", "'M:sasl' is wrong: it must be a section")]
    [InlineData("M:sasl:mechanisms:0:name", "PLAIN", "'M:sasl:mechanisms:0' is wrong")]
    [InlineData("M:sasl:mechanisms:0", "plain", "'M:sasl:mechanisms' is wrong: it must be a list of SASL mechanism names")]
    [InlineData("M:sasl:mechanisms", "", "'M:sasl:mechanisms' is wrong: it must be a list of SASL mechanism names")]
    [InlineData("M:tls:key", "k.pem", "The key 'M:tls:key' stands without 'M:tls:cert'")]
    [InlineData("M:tls:key_password", "sesame", "The key 'M:tls:key_password' stands without 'M:tls:cert'")]
    [InlineData("M:sasl.enabled", "true", "'M:sasl.enabled' is unknown")]
    [InlineData("M:tls:verify", "no", "'M:tls:verify' is wrong: it must be true or false")]
    [InlineData("M:tls:certificate", "a", "'M:tls:certificate' is unknown. Known are url, scheme")]
    [InlineData("M:idleTimeout", "30", "'M:idleTimeout' is wrong: it must be a time")]
    [InlineData("M:connectTimeout", "50.00:00:00", "'M:connectTimeout' is wrong: it must be a time above zero and at most 49 days")]
    [InlineData("M:scheme", "wss", "'M:scheme' is wrong: it must be \"amqp\" or \"amqps\" (WebSockets")]
    [InlineData("M:idleTimeout", "00:00:00.05", "'M:idleTimeout' is wrong: it must be a time")]
    [InlineData("M:prot", "1", "M:prot")]
    [InlineData("M:sasl:mechanism", "PLAIN", "M:sasl:mechanism")]
    [InlineData("M:reconnect", "perhaps", "M:reconnect")]
    [InlineData("M:connectTimeout", "soon", "M:connectTimeout")]
    [InlineData("M:connectTimeout", "-00:00:05", "M:connectTimeout")]
    [InlineData("M:url", "http://[", "'M:url' is wrong: it must be a URL. The URL is malformed")]
    [InlineData("M:maxFrameSize", "1", "'M:maxFrameSize' is wrong: it must be a whole number from 512 to 16777216")]
    [InlineData("M:containerId", "", "M:containerId")]
    public async Task WrongConfiguration_IsToldAtHostStart_ByItsKey(string key, string value, string named)
    {
        using IHost host = Host(Configuration((key, value)).GetSection("M"));

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains(named, exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("password", "s3cret")]
    [InlineData("sasl:mechanisms", "PLAIN")]
    public async Task ValueAndListOfOneKey_AreToldAtHostStart(string key, string value)
    {
        using IHost host = Host(Configuration(($"M:{key}", value), ($"M:{key}:0", value)).GetSection("M"));

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains($"'M:{key}' is set twice", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("M:password:0")]
    [InlineData("M:tls:key_password:0")]
    [InlineData("M:port")]
    [InlineData("M:host")]
    [InlineData("M:sasl:mechanisms")]
    [InlineData("M:connectTimeout")]
    public async Task WrongConfiguration_ShowsNoValue(string key)
    {
        using IHost host = Host(Configuration((key, "t0p/s3cret"), ("M:url", "amqp://alice:t0p/s3cret@host")).GetSection("M"));

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Configuration_TlsKeys_SetTheOptions()
    {
        IConfiguration configuration = Configuration(
            ("M:tls:cert", "c.pem"), ("M:TLS:Key", "k.pem"), ("M:tls:key_password", "sesame"), ("M:tls:ca", "/etc/ssl/certs"), ("M:tls:verify", "False"), ("M:sasl:enable", "false"), ("M:operationTimeout", "infinite"));
        await using ServiceProvider services = new ServiceCollection().AddMessagingClient(configuration.GetSection("M")).BuildServiceProvider();

        ConnectionOptions connection = services.GetRequiredService<IOptions<MessagingClientOptions>>().Value.Connection!;

        TlsOptions tls = connection.Tls!;
        Assert.Equal(("c.pem", "k.pem", "sesame", "/etc/ssl/certs", false), (tls.Certificate, tls.Key, tls.KeyPassword, tls.Ca, tls.Verify));
        Assert.False(connection.SaslEnabled);
        Assert.Equal(Timeout.InfiniteTimeSpan, connection.OperationTimeout);
    }

    [Fact]
    public async Task Configuration_AddsToWhatCodeHasSet()
    {
        IConfiguration section = Configuration(("M:user", "alice"), ("M:tls:verify", "false")).GetSection("M");
        await using ServiceProvider services = new ServiceCollection()
            .AddMessagingClient(options => options.Connection = new ConnectionOptions { Url = "amqps://code", Tls = new TlsOptions { Ca = "code.pem" } })
            .AddMessagingClient(section)
            .AddMessagingClient(options => options.Connection!.ChannelMax = 3)
            .BuildServiceProvider();

        ConnectionOptions connection = services.GetRequiredService<IOptions<MessagingClientOptions>>().Value.Connection!;

        Assert.Equal(("amqps://code", "alice", 3), (connection.Url, connection.User, connection.ChannelMax));
        Assert.Equal(("code.pem", false), (connection.Tls!.Ca, connection.Tls.Verify));
    }

    [Fact]
    public async Task SectionWithoutKeys_LeavesTheConnectionToConnectJson()
    {
        await using ServiceProvider services = new ServiceCollection().AddMessagingClient(Configuration(("Other:url", "amqp://a")).GetSection("M")).BuildServiceProvider();

        Assert.Null(services.GetRequiredService<IOptions<MessagingClientOptions>>().Value.Connection);
    }

    [Fact]
    public async Task WholeConfiguration_ForeignKeysArePassedOver()
    {
        await using ServiceProvider services = new ServiceCollection().AddMessagingClient(Configuration(("url", "amqp://a"), ("PATH", "/bin"), ("Logging:LogLevel", "Debug"))).BuildServiceProvider();

        Assert.Equal("amqp://a", services.GetRequiredService<IOptions<MessagingClientOptions>>().Value.Connection!.Url);
    }

    [Fact]
    public async Task Guide_ExampleOfAnApplication_IsAccepted()
    {
        string guide = (await File.ReadAllTextAsync(GuideFile(), Token)).ReplaceLineEndings("\n");
        string json = guide.Split("```json\n")[1].Split("```")[0];
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        await using ServiceProvider services = new ServiceCollection().AddMessagingClient(configuration.GetSection("Messaging")).BuildServiceProvider();

        ConnectionOptions connection = services.GetRequiredService<IOptions<MessagingClientOptions>>().Value.Connection!;

        Assert.Equal(("amqps://example.com", "alice", "/etc/pki/example-ca.pem"), (connection.Url, connection.User, connection.Tls?.Ca));
        Assert.Equal(["SCRAM-SHA-512", "SCRAM-SHA-256"], connection.AllowedMechanisms!);
    }

    [Fact]
    public async Task UrlBesideItsParts_IsAnError()
    {
        using IHost host = Host(Configuration(("M:url", "amqp://a"), ("M:host", "b")).GetSection("M"));

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains("M:url", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongOptions_AreToldAtHostStart()
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMessagingClient(options => options.Connection = new ConnectionOptions { ChannelMax = -1 });
        using IHost host = builder.Build();

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains("ChannelMax is -1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HostThatStarts_OpensNothing()
    {
        using IHost host = Host(Configuration(("M:url", "inproc://hosting-nobody-listens")).GetSection("M"));

        await host.StartAsync(Token);
        Assert.NotNull(host.Services.GetRequiredService<IMessagingClient>());

        await host.StopAsync(Token);
    }

    [Fact]
    public async Task Client_UsesTheContainersLoggersAndClock_UnlessTold()
    {
        var time = new FakeTimeProvider();
        var other = new FakeTimeProvider();
        using var loggers = LoggerFactory.Create(_ => { });
        IServiceCollection collection = new ServiceCollection().AddSingleton<TimeProvider>(time).AddSingleton(loggers).AddMessagingClient();
        await using ServiceProvider services = collection.BuildServiceProvider();
        await using ServiceProvider told = collection.AddMessagingClient(options => options.TimeProvider = other).BuildServiceProvider();

        MessagingClientOptions options = services.GetRequiredService<IOptions<MessagingClientOptions>>().Value;

        Assert.Same(time, options.TimeProvider);
        Assert.Same(loggers, options.LoggerFactory);
        Assert.Same(other, told.GetRequiredService<IOptions<MessagingClientOptions>>().Value.TimeProvider);
    }

    [Fact]
    public async Task NamedClients_AreApart()
    {
        await using ServiceProvider services = new ServiceCollection()
            .AddMessagingClient("a", options => options.ContainerId = "client-a")
            .AddMessagingClient("b", Configuration(("M:containerId", "client-b")).GetSection("M"))
            .BuildServiceProvider();

        Assert.Equal("client-a", services.GetRequiredKeyedService<IMessagingClient>("a").ContainerId);
        Assert.Equal("client-b", services.GetRequiredKeyedService<IMessagingClient>("b").ContainerId);
        Assert.Null(services.GetService<IMessagingClient>());
    }

    private static string GuideFile([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../docs/guide/configuration.md");

    private static IConfiguration Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)).Build();

    private static IHost Host(IConfiguration section)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMessagingClient(section);
        return builder.Build();
    }
}
