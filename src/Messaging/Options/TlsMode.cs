namespace Messaging;

/// <summary>How TLS begins on a connection (AMQP 1.0 part 5, 5.2).</summary>
public enum TlsMode
{
    /// <summary>With the first byte, on a port of its own (5.2.1).</summary>
    Direct,

    /// <summary>After the AMQP header that asks for TLS (5.2). It never falls back to clear text.</summary>
    InBand,
}
