namespace Messaging.Amqp.Engine;

/// <summary>How far a connection has come (AMQP 1.0 part 2, 2.4.6, with the SASL layer of part 5, 5.3 in front).</summary>
internal enum EnginePhase : byte
{
    /// <summary>Nothing sent or received yet.</summary>
    Start,

    /// <summary>Waiting for the peer's protocol header.</summary>
    Header,

    /// <summary>SASL frames only: nothing else is acted upon until the outcome.</summary>
    Sasl,

    /// <summary>AMQP headers exchanged; the opens are under way.</summary>
    Opening,

    /// <summary>Both opens seen.</summary>
    Open,

    /// <summary>Our close is written; everything but the peer's close is discarded (2.4.6, DISCARDING).</summary>
    CloseSent,

    /// <summary>Nothing more will be read or written.</summary>
    Closed,
}
