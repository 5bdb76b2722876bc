using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Messaging.Hosting;

/// <summary>Reads a configuration section into options; every error names the key.</summary>
internal static class MessagingSettingsReader
{
    private static readonly string[] Keys =
    [
        "url", "scheme", "host", "port", "user", "password", "containerId", "virtualHost", "sasl", "reconnect",
        "connectTimeout", "operationTimeout", "idleTimeout", "writeTimeout", "maxFrameSize", "channelMax",
    ];

    private static readonly string[] SaslKeys = ["enabled", "enable", "mechanisms", "allow_insecure"];

    /// <exception cref="OptionsValidationException">A key is unknown, or a value is wrong.</exception>
    public static void Apply(IConfiguration section, MessagingClientOptions options)
    {
        RequireKnown(section, Keys);
        RequireKnown(section.GetSection("sasl"), SaslKeys);
        MessagingSettings settings = Bind(section);
        ConnectionOptions connection = options.Connection ??= new ConnectionOptions();
        options.ContainerId = settings.ContainerId ?? options.ContainerId;
        connection.Url = Url(section, settings) ?? connection.Url;
        connection.User = settings.User ?? connection.User;
        connection.Password = settings.Password ?? connection.Password;
        connection.VirtualHost = settings.VirtualHost ?? connection.VirtualHost;
        connection.Reconnect = settings.Reconnect ?? connection.Reconnect;
        connection.SaslEnabled = settings.Sasl?.Enabled ?? settings.Sasl?.Enable ?? connection.SaslEnabled;
        connection.AllowInsecureMechanisms = settings.Sasl?.AllowInsecure ?? connection.AllowInsecureMechanisms;
        connection.AllowedMechanisms = Mechanisms(section.GetSection("sasl:mechanisms")) ?? connection.AllowedMechanisms;
        connection.ConnectTimeout = settings.ConnectTimeout ?? connection.ConnectTimeout;
        connection.OperationTimeout = settings.OperationTimeout ?? connection.OperationTimeout;
        connection.IdleTimeout = settings.IdleTimeout ?? connection.IdleTimeout;
        connection.WriteTimeout = settings.WriteTimeout ?? connection.WriteTimeout;
        connection.MaxFrameSize = settings.MaxFrameSize ?? connection.MaxFrameSize;
        connection.ChannelMax = settings.ChannelMax ?? connection.ChannelMax;
    }

    private static MessagingSettings Bind(IConfiguration section)
    {
        var settings = new MessagingSettings();
        try
        {
            section.Bind(settings);
        }
        catch (InvalidOperationException exception)
        {
            // The text names the whole path of the key, the value and the type.
            throw Wrong(exception.Message);
        }

        return settings;
    }

    /// <summary>The URL, whole or from its parts; null when the section names none.</summary>
    private static string? Url(IConfiguration section, MessagingSettings settings)
    {
        bool hasParts = settings.Scheme is not null || settings.Host is not null || settings.Port is not null;
        if (settings.Url is not null && hasParts)
            throw Wrong($"The key '{Path(section, "url")}' stands beside scheme, host or port: set either the URL or its parts.");
        if (!hasParts)
            return Checked(section, settings.Url);

        string scheme = settings.Scheme ?? "amqps";
        string host = settings.Host ?? "localhost";
        if (host.Contains(':', StringComparison.Ordinal) && host[0] != '[')
            host = $"[{host}]";
        string? port = Port(section, settings.Port);
        return Checked(section, port is null ? $"{scheme}://{host}" : $"{scheme}://{host}:{port}", "scheme, host or port");
    }

    private static string? Checked(IConfiguration section, string? url, string keys = "url")
    {
        if (url is null)
            return null;
        try
        {
            _ = ConnectionUrl.Parse(url);
            return url;
        }
        catch (FormatException exception)
        {
            throw Wrong($"The value of '{Path(section, keys)}' is wrong. {exception.Message}");
        }
    }

    /// <summary>A number, or the name of a port as in connect.json.</summary>
    private static string? Port(IConfiguration section, string? port) => port?.Trim() switch
    {
        null => null,
        "amqp" => "5672",
        "amqps" => "5671",
        { } text when ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0 => text,
        { } text => throw Wrong($"The value of '{Path(section, "port")}' is '{text}': it must be a number from 1 to 65535, 'amqp' or 'amqps'."),
    };

    private static string[]? Mechanisms(IConfigurationSection mechanisms)
    {
        if (mechanisms.Value is { } text)
            return text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] list = [.. mechanisms.GetChildren().Select(child => child.Value ?? throw Wrong($"The value of '{child.Path}' must be the name of a SASL mechanism."))];
        return list.Length == 0 ? null : list;
    }

    private static void RequireKnown(IConfiguration section, string[] known)
    {
        // A whole configuration, environment variables and all, has keys that are not for us.
        if (section is not IConfigurationSection)
            return;
        foreach (IConfigurationSection child in section.GetChildren())
        {
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
                throw Wrong($"The key '{child.Path}' is unknown. Known here: {string.Join(", ", known)}.");
        }
    }

    private static string Path(IConfiguration section, string key) => section is IConfigurationSection { Path: var path } ? $"{path}:{key}" : key;

    private static OptionsValidationException Wrong(string problem) =>
        new(Options.DefaultName, typeof(MessagingClientOptions), [$"The configuration of the messaging client is wrong. {problem}"]);
}
