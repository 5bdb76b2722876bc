namespace Messaging.Amqp.Engine;

/// <summary>What one connection engine is told before it starts; never changed afterwards.</summary>
internal sealed record EngineSettings
{
    public const uint DefaultMaxFrameSizeBeforeOpen = 8_192;

    /// <summary>Sent in our open (2.7.1).</summary>
    public required string ContainerId { get; init; }

    /// <summary>Whether we are the TCP server: waits for the peer's header and plays the SASL server (5.3.2).</summary>
    public bool IsListener { get; init; }

    /// <summary>The host name for our open; <see langword="null"/> for none.</summary>
    public string? Hostname { get; init; }

    /// <summary>The largest frame that we accept and, with the peer's limit, the largest that we send, in bytes. At least 512 (2.7.1).</summary>
    public uint MaxFrameSize { get; init; } = 65_536;

    /// <summary>The highest channel number that the peer may use (2.7.1).</summary>
    public ushort ChannelMax { get; init; } = 255;

    /// <summary>The highest handle that the peer may use on a session (2.7.2).</summary>
    public uint HandleMax { get; init; } = 1_023;

    /// <summary>How long the peer may be silent, in milliseconds; half is advertised (2.4.5). 0: for ever.</summary>
    public uint IdleTimeout { get; init; } = 30_000;

    /// <summary>The session window that we keep open, in transfer frames (2.5.6).</summary>
    public uint SessionIncomingWindow { get; init; } = 2_048;

    /// <summary>Client: start with the SASL layer. Listener: demand it (see <see cref="AllowBareHeader"/>).</summary>
    public bool UseSasl { get; init; } = true;

    /// <summary>Listener with <see cref="UseSasl"/>: a client that starts with the bare AMQP header is let in, unauthenticated.</summary>
    public bool AllowBareHeader { get; init; }

    /// <summary>The largest frame accepted before our open is written, SASL frames included, in bytes. At least 512.</summary>
    public uint MaxFrameSizeBeforeOpen { get; init; } = DefaultMaxFrameSizeBeforeOpen;

    /// <summary>For our open.</summary>
    public Symbol[]? OfferedCapabilities { get; init; }

    /// <summary>For our open.</summary>
    public Symbol[]? DesiredCapabilities { get; init; }

    /// <summary>For our open.</summary>
    public IReadOnlyDictionary<Symbol, object?>? Properties { get; init; }

    /// <summary>Listener: the mechanisms offered, best first (5.3.3.1).</summary>
    public Symbol[] SaslMechanisms { get; init; } = [];

    /// <summary>How many links the peer may attach to this connection, over all its sessions. More are refused; at more than twice as many the connection ends.</summary>
    public uint MaxLinks { get; init; } = 4_096;

    /// <summary>How many bytes the attaches of these links may have together: their termini and properties are kept as long as the link.</summary>
    public long MaxAttachBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How many bytes may have arrived of unfinished messages on all links but one.</summary>
    public long MaxPartialBytes { get; init; } = 1024 * 1024 * 1024;

    /// <summary>How many sessions and links the peer may begin and end within <see cref="ConnectionEngine.ChurnPeriod"/> without messages, each of which excuses some. 0: any number.</summary>
    public uint MaxChurn { get; init; } = 5_000;

    /// <summary>The first transfer-id and delivery-id of our sessions; any value is legal (2.5.6), tests start just below the wrap.</summary>
    public uint InitialOutgoingId { get; init; }

    /// <summary>Gets every frame as text when set; costs time and garbage.</summary>
    public IFrameTrace? Trace { get; init; }
}
