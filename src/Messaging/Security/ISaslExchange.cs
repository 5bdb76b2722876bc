using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Security;

/// <summary>One side of a SASL exchange (AMQP 1.0 part 5, 5.3). Every method runs on the loop and answers through the engine, now or later.</summary>
internal interface ISaslExchange
{
    /// <summary>Client: the server's offer.</summary>
    void OnMechanisms(Symbol[] offered);

    /// <summary>Listener: the client's choice.</summary>
    void OnInit(in SaslInit init);

    /// <summary>Client: a challenge.</summary>
    void OnChallenge(ReadOnlySpan<byte> challenge);

    /// <summary>Listener: the answer to a challenge.</summary>
    void OnResponse(ReadOnlySpan<byte> response);

    /// <summary>Client: the end of the exchange.</summary>
    void OnOutcome(byte code, ReadOnlyMemory<byte> additionalData);

    /// <summary>The connection has ended: what still runs is cancelled, and its answer never reaches an engine. Any number of times.</summary>
    void Stop();
}
