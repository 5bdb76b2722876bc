namespace Messaging.Testing.Proxy;

/// <summary>What passes through a proxy, as far as a fault may depend on it.</summary>
public enum FrameKind
{
    /// <summary>Bytes that are not AMQP 1.0 in clear text (TLS, garbage): they pass, and nothing more is recognised behind them.</summary>
    Opaque,
    AmqpHeader,
    SaslHeader,
    TlsHeader,
    SaslMechanisms,
    SaslInit,
    SaslChallenge,
    SaslResponse,
    SaslOutcome,

    /// <summary>A frame without a body: a heartbeat.</summary>
    Empty,
    Open,
    Begin,
    Attach,
    Flow,
    Transfer,
    Disposition,
    Detach,
    End,
    Close,

    /// <summary>A frame whose performative the standard does not have.</summary>
    Unknown,

    /// <summary>In rules and waits: any of the frames above, protocol headers included.</summary>
    Any,
}
