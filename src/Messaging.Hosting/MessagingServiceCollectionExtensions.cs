using Messaging;
using Messaging.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers messaging with a service collection.</summary>
public static class MessagingServiceCollectionExtensions
{
    private const string Unnamed = "";

    /// <summary>Adds <see cref="IMessagingClient"/> as a singleton, with the container's <see cref="ILoggerFactory"/> and <see cref="TimeProvider"/> where there are any.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="configure">Sets options; several calls add up, in their order. <see langword="null"/> for the defaults.</param>
    /// <returns>The same service collection.</returns>
    /// <remarks>
    /// The options are checked when the host starts (<see cref="OptionsValidationException"/>), else when the client is first asked for. No connection is opened
    /// before one is needed; without <see cref="MessagingClientOptions.Connection"/> it is that of connect.json. <see cref="IMessagingClient.GetConnectionAsync"/>, <see cref="IMessagingClient.CreateSenderAsync"/> and
    /// <see cref="IMessagingClient.CreateReceiverAsync"/> share one, opened by the first of them. The container closes everything when it is disposed;
    /// use <c>DisposeAsync</c> on a container that no host owns.
    /// </remarks>
    public static IServiceCollection AddMessagingClient(this IServiceCollection services, Action<MessagingClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        OptionsBuilder<MessagingClientOptions> options = AddClient(services, Unnamed);
        if (configure is not null)
            options.Configure(configure);
        return services;
    }

    /// <summary>Adds <see cref="IMessagingClient"/> as a singleton, set up from configuration.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="section">
    /// A section such as <c>configuration.GetSection("Messaging")</c> with the keys of connect.json: <c>url</c>, or <c>scheme</c> (default <c>amqps</c>), <c>host</c> (default <c>localhost</c>) and
    /// <c>port</c> (default that of the scheme); <c>user</c>, <c>password</c>, <c>sasl:enabled</c>, <c>sasl:mechanisms</c> (a list, or names with spaces between them), <c>sasl:allow_insecure</c>,
    /// <c>tls:cert</c>, <c>tls:key</c>, <c>tls:key_password</c>, <c>tls:ca</c>, <c>tls:verify</c>, <c>containerId</c>, <c>virtualHost</c>, <c>reconnect</c>, <c>connectTimeout</c>,
    /// <c>operationTimeout</c>, <c>idleTimeout</c>, <c>writeTimeout</c> (such as <c>00:00:30</c>), <c>maxFrameSize</c> (bytes) and <c>channelMax</c>. All are optional; what they mean and their
    /// defaults stand at <see cref="ConnectionOptions"/> and <see cref="TlsOptions"/>. An unknown key or a wrong value is an error that names the key and shows no value.
    /// A section without any key leaves <see cref="MessagingClientOptions.Connection"/> as it is. The root of a configuration will do, but there the environment variable <c>USER</c> is the user.
    /// </param>
    /// <returns>The same service collection.</returns>
    /// <remarks>See <see cref="AddMessagingClient(IServiceCollection, Action{MessagingClientOptions})"/>. The section is read once, when the client or the host starts.</remarks>
    public static IServiceCollection AddMessagingClient(this IServiceCollection services, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        AddClient(services, Unnamed).Configure(options => MessagingSettingsReader.Apply(section, options));
        return services;
    }

    /// <summary>Adds a keyed <see cref="IMessagingClient"/>, for applications with more than one server: ask for it with <c>[FromKeyedServices(name)]</c>.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="name">The service key, and the name of its options; not empty.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The same service collection.</returns>
    /// <remarks>See <see cref="AddMessagingClient(IServiceCollection, Action{MessagingClientOptions})"/>. Each name has a shared connection of its own.</remarks>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IServiceCollection AddMessagingClient(this IServiceCollection services, string name, Action<MessagingClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(configure);
        AddClient(services, name).Configure(configure);
        return services;
    }

    /// <summary>Adds a keyed <see cref="IMessagingClient"/>, set up from configuration.</summary>
    /// <param name="services">The service collection.</param>
    /// <param name="name">The service key, and the name of its options; not empty.</param>
    /// <param name="section">See <see cref="AddMessagingClient(IServiceCollection, IConfiguration)"/>.</param>
    /// <returns>The same service collection.</returns>
    /// <remarks>See <see cref="AddMessagingClient(IServiceCollection, string, Action{MessagingClientOptions})"/> and <see cref="AddMessagingClient(IServiceCollection, IConfiguration)"/>.</remarks>
    /// <exception cref="ArgumentException"><paramref name="name"/> is empty.</exception>
    public static IServiceCollection AddMessagingClient(this IServiceCollection services, string name, IConfiguration section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(section);
        AddClient(services, name).Configure(options => MessagingSettingsReader.Apply(section, options));
        return services;
    }

    private static OptionsBuilder<MessagingClientOptions> AddClient(IServiceCollection services, string name)
    {
        if (name.Length == 0)
            services.TryAddSingleton<IMessagingClient>(provider => Create(provider, name));
        else
            services.TryAddKeyedSingleton<IMessagingClient>(name, (provider, _) => Create(provider, name));

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MessagingClientOptions>, MessagingClientOptionsValidator>());
        return services.AddOptions<MessagingClientOptions>(name).Configure<IServiceProvider>(UseServices).ValidateOnStart();
    }

    private static MessagingClient Create(IServiceProvider provider, string name) =>
        new(provider.GetRequiredService<IOptionsMonitor<MessagingClientOptions>>().Get(name));

    /// <summary>Comes first: what the application sets wins.</summary>
    private static void UseServices(MessagingClientOptions options, IServiceProvider provider)
    {
        options.LoggerFactory ??= provider.GetService<ILoggerFactory>();
        if (ReferenceEquals(options.TimeProvider, TimeProvider.System) && provider.GetService<TimeProvider>() is { } time)
            options.TimeProvider = time;
    }
}
