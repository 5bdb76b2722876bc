using System.ComponentModel.DataAnnotations;
using Messaging.Amqp;

namespace Messaging;

/// <summary>Options of a connection. A copy is taken when it is opened.</summary>
public sealed class ConnectionOptions
{
    /// <summary>The server: <c>amqp://[user[:password]@]host[:port][/address]</c>, <c>inproc://name</c>; see <see cref="ConnectionUrl"/>.</summary>
    /// <value><c>amqp://localhost:5672</c>.</value>
    public string Url { get; set; } = "amqp://localhost:5672";

    /// <summary>The user name; it wins over the URL's.</summary>
    /// <value><see langword="null"/>: that of the URL, else anonymous.</value>
    public string? User { get; set; }

    /// <summary>The password of <see cref="User"/>. Never logged, traced or printed.</summary>
    /// <value><see langword="null"/>: that of the URL.</value>
    public string? Password { get; set; }

    /// <summary>The container id of this connection.</summary>
    /// <value><see langword="null"/>: that of the client.</value>
    public string? ContainerId { get; set; }

    /// <summary>The host name told in <c>open</c> and to SASL, where it differs from the URL's host (part 2, 2.7.1, <c>hostname</c>).</summary>
    /// <value><see langword="null"/>: the URL's host. Empty: none is told.</value>
    public string? VirtualHost { get; set; }

    /// <summary>Whether the SASL layer is used (part 5, 5.3). Without it the bare AMQP header is sent.</summary>
    /// <value><see langword="true"/>.</value>
    public bool SaslEnabled { get; set; } = true;

    /// <summary>The SASL mechanisms that may be used: ANONYMOUS, PLAIN.</summary>
    /// <value><see langword="null"/>: every one that the credentials allow.</value>
    public IReadOnlyCollection<string>? AllowedMechanisms { get; set; }

    /// <summary>Whether mechanisms that show the password to whoever listens (PLAIN) may be used on an unencrypted connection, loopback included.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowInsecureMechanisms { get; set; }

    /// <summary>Whether opening is tried again after a failure that may pass.</summary>
    /// <value><see langword="true"/>.</value>
    public bool Reconnect { get; set; } = true;

    /// <summary>How long opening may take in all, attempts and delays included. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <value>30 seconds. Above zero.</value>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call without a cancellation token may take. <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</summary>
    /// <value>60 seconds. Above zero.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the peer may be silent before the connection counts as lost; half of it is told to the peer (part 2, 2.4.5). Zero for no limit.</summary>
    /// <value>30 seconds. Zero, or 100 milliseconds to 24 days.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long the network may refuse to take bytes before the connection counts as lost.</summary>
    /// <value>30 seconds. Above zero, or <see cref="Timeout.InfiniteTimeSpan"/>.</value>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest frame in bytes that this side takes (part 2, 2.7.1, <c>max-frame-size</c>).</summary>
    /// <value>65,536. Range 512 to 16,777,216.</value>
    [Range(512, 16 * 1024 * 1024)]
    public int MaxFrameSize { get; set; } = 65_536;

    /// <summary>The highest channel number, so one less than the sessions of the connection (part 2, 2.7.1, <c>channel-max</c>).</summary>
    /// <value>255. Range 0 to 65,535.</value>
    [Range(0, ushort.MaxValue)]
    public int ChannelMax { get; set; } = 255;

    /// <summary>The capabilities offered in <c>open</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The capabilities desired in <c>open</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> DesiredCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>open</c>.</summary>
    /// <value><see langword="null"/>: the SDK's product name and version.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    /// <summary>The scheme and host without the password.</summary>
    /// <returns>A text that is safe to log.</returns>
    public override string ToString() => ConnectionUrl.TryParse(Url, out ConnectionUrl? url) ? url.ToString() : "(malformed URL)";

    internal ConnectionOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Url);
        _ = ConnectionUrl.Parse(Url);
        Require.Range(MaxFrameSize, 512, 16 * 1024 * 1024);
        Require.Range(ChannelMax, 0, ushort.MaxValue);
        Require.PositiveOrInfinite(ConnectTimeout);
        Require.PositiveOrInfinite(OperationTimeout);
        Require.PositiveOrInfinite(WriteTimeout);
        Require.IdleTimeout(IdleTimeout);
        Require.NotEmpty(ContainerId);
        return (ConnectionOptions)MemberwiseClone();
    }
}
