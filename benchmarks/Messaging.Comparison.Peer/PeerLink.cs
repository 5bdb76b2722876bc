using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>Our end of one link. The address that the client attached to decides which kind it is.</summary>
internal abstract class PeerLink(PeerSession session, uint handle)
{
    protected PeerSession Session { get; } = session;

    /// <summary>The client's handle; ours is the same number.</summary>
    public uint Handle { get; } = handle;

    /// <summary>After our attach has been written.</summary>
    public virtual void OnAttached(AmqpWriter output)
    {
    }

    public virtual void OnTransfer(uint? deliveryId, bool settled, bool more, ReadOnlySpan<byte> payload, AmqpWriter output) =>
        throw new PeerException("transfer on a link that receives nothing");

    public virtual void OnFlow(in Flow flow, AmqpWriter output)
    {
    }

    /// <summary>At the end of a turn: credit top-ups.</summary>
    public virtual void EndTurn(AmqpWriter output)
    {
    }

    /// <summary>Messages that can be written now, in one piece; empty when credit, window or the client's settlements are missing.</summary>
    public virtual ReadOnlySpan<byte> NextBatch() => default;
}
