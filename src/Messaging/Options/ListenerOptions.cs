using System.ComponentModel.DataAnnotations;
using Messaging.Amqp;

namespace Messaging;

/// <summary>Options of a listener. A copy is taken when it starts.</summary>
public sealed class ListenerOptions
{
    /// <summary>Where to listen: <c>amqp://host:port</c>, where <c>localhost</c> is loopback, <c>0.0.0.0</c> and <c>[::]</c> every interface, and port 0 one of the system's choice; or <c>inproc://name</c>.</summary>
    /// <value><c>amqp://localhost:5672</c>.</value>
    public string Url { get; set; } = "amqp://localhost:5672";

    /// <summary>The container id told to peers.</summary>
    /// <value><see langword="null"/>: that of the client.</value>
    public string? ContainerId { get; set; }

    /// <summary>Whether a peer may connect without credentials: SASL ANONYMOUS, or no SASL layer at all.</summary>
    /// <value><see langword="true"/>.</value>
    public bool AllowAnonymous { get; set; } = true;

    /// <summary>Checks a user name and password (SASL PLAIN). Compare in constant time; say the same for an unknown user and for a wrong password.</summary>
    /// <value><see langword="null"/>: PLAIN is not offered.</value>
    public Func<string, string, CancellationToken, ValueTask<bool>>? AuthenticatePlain { get; set; }

    /// <summary>Whether PLAIN is offered on an unencrypted connection, loopback included.</summary>
    /// <value><see langword="false"/>.</value>
    public bool AllowInsecureMechanisms { get; set; }

    /// <summary>Decides whether a session that a peer begins is accepted; it must be quick.</summary>
    /// <value><see langword="null"/>: every session is accepted.</value>
    public Func<IIncomingSession, bool>? AcceptSession { get; set; }

    /// <summary>How long a peer may take from its first byte to its <c>open</c>.</summary>
    /// <value>15 seconds. Above zero.</value>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the application may take to accept or refuse a connection or a link; then it is refused.</summary>
    /// <value>30 seconds. Above zero.</value>
    public TimeSpan DecisionTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>See <see cref="ConnectionOptions.OperationTimeout"/>.</summary>
    /// <value>60 seconds. Above zero.</value>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>See <see cref="ConnectionOptions.IdleTimeout"/>.</summary>
    /// <value>60 seconds. Zero, or 100 milliseconds to 24 days.</value>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>See <see cref="ConnectionOptions.WriteTimeout"/>.</summary>
    /// <value>30 seconds. Above zero.</value>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many connections may be open at once; more are closed at once.</summary>
    /// <value>10,000. Range 1 to 1,000,000.</value>
    [Range(1, 1_000_000)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>See <see cref="ConnectionOptions.MaxFrameSize"/>.</summary>
    /// <value>65,536 bytes. Range 512 to 16,777,216.</value>
    [Range(512, 16 * 1024 * 1024)]
    public int MaxFrameSize { get; set; } = 65_536;

    /// <summary>See <see cref="ConnectionOptions.ChannelMax"/>.</summary>
    /// <value>255. Range 0 to 65,535.</value>
    [Range(0, ushort.MaxValue)]
    public int ChannelMax { get; set; } = 255;

    /// <summary>The capabilities offered in <c>open</c>.</summary>
    /// <value>Empty.</value>
    public IReadOnlyList<Symbol> OfferedCapabilities { get; set; } = [];

    /// <summary>The properties told in <c>open</c>.</summary>
    /// <value><see langword="null"/>: the SDK's product name and version.</value>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; set; }

    internal ListenerOptions Freeze()
    {
        ArgumentNullException.ThrowIfNull(Url);
        _ = ConnectionUrl.Parse(Url);
        Require.NotEmpty(ContainerId);
        Require.PositiveOrInfinite(HandshakeTimeout);
        Require.PositiveOrInfinite(DecisionTimeout);
        Require.PositiveOrInfinite(OperationTimeout);
        Require.PositiveOrInfinite(WriteTimeout);
        Require.IdleTimeout(IdleTimeout);
        Require.Range(MaxConnections, 1, 1_000_000);
        Require.Range(MaxFrameSize, 512, 16 * 1024 * 1024);
        Require.Range(ChannelMax, 0, ushort.MaxValue);
        return (ListenerOptions)MemberwiseClone();
    }
}
