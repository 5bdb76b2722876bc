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
    [InlineData(null, null, null, null)]
    [InlineData("amqp", "example.net", null, "amqp://example.net")]
    [InlineData("amqp", "example.net", "5000", "amqp://example.net:5000")]
    [InlineData("amqp", "::1", "amqp", "amqp://[::1]:5672")]
    [InlineData(null, "example.net", null, "amqps://example.net")]
    [InlineData("amqp", null, null, "amqp://localhost")]
    public async Task Configuration_MakesTheUrlOfItsParts(string? scheme, string? host, string? port, string? url)
    {
        IConfiguration configuration = Configuration(("M:scheme", scheme), ("M:host", host), ("M:port", port), ("M:sasl:mechanisms", "PLAIN  ANONYMOUS"));
        await using ServiceProvider services = new ServiceCollection().AddMessagingClient(configuration.GetSection("M")).BuildServiceProvider();

        ConnectionOptions connection = services.GetRequiredService<IOptions<MessagingClientOptions>>().Value.Connection!;

        Assert.Equal(url ?? new ConnectionOptions().Url, connection.Url);
        Assert.Equal(["PLAIN", "ANONYMOUS"], connection.AllowedMechanisms!);
    }

    [Theory]
    [InlineData("M:port", "none", "M:port")]
    [InlineData("M:port", "70000", "M:port")]
    [InlineData("M:prot", "1", "M:prot")]
    [InlineData("M:sasl:mechanism", "PLAIN", "M:sasl:mechanism")]
    [InlineData("M:reconnect", "perhaps", "M:reconnect")]
    [InlineData("M:connectTimeout", "soon", "M:connectTimeout")]
    [InlineData("M:connectTimeout", "-00:00:05", "ConnectTimeout")]
    [InlineData("M:url", "http://[", "M:url")]
    [InlineData("M:maxFrameSize", "1", "MaxFrameSize")]
    [InlineData("M:containerId", "", "ContainerId")]
    public async Task WrongConfiguration_IsToldAtHostStart_ByItsKey(string key, string value, string named)
    {
        using IHost host = Host(Configuration((key, value)).GetSection("M"));

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));

        Assert.Contains(named, exception.Message, StringComparison.OrdinalIgnoreCase);
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

    private static IConfiguration Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal)).Build();

    private static IHost Host(IConfiguration section)
    {
        HostApplicationBuilder builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMessagingClient(section);
        return builder.Build();
    }
}
