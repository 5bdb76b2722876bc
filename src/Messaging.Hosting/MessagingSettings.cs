using Microsoft.Extensions.Configuration;

namespace Messaging.Hosting;

/// <summary>What a configuration section may say, in the keys of connect.json. Bound by the source generator and mapped to the options, which have callbacks that cannot be bound.</summary>
internal sealed class MessagingSettings
{
    public string? Url { get; set; }

    public string? Scheme { get; set; }

    public string? Host { get; set; }

    public string? Port { get; set; }

    public string? User { get; set; }

    public string? Password { get; set; }

    public string? ContainerId { get; set; }

    public string? VirtualHost { get; set; }

    public SaslSettings? Sasl { get; set; }

    public bool? Reconnect { get; set; }

    public TimeSpan? ConnectTimeout { get; set; }

    public TimeSpan? OperationTimeout { get; set; }

    public TimeSpan? IdleTimeout { get; set; }

    public TimeSpan? WriteTimeout { get; set; }

    public int? MaxFrameSize { get; set; }

    public int? ChannelMax { get; set; }
}

/// <summary>The keys below <c>sasl</c>. <c>mechanisms</c> is a list or a string and read by hand.</summary>
internal sealed class SaslSettings
{
    public bool? Enabled { get; set; }

    /// <summary>Older spelling of <c>enabled</c>.</summary>
    public bool? Enable { get; set; }

    [ConfigurationKeyName("allow_insecure")]
    public bool? AllowInsecure { get; set; }
}
