using Messaging.Amqp;

namespace Messaging;

/// <summary>A message that was handed to the link, and its outcome to come.</summary>
public interface ISentDelivery
{
    /// <summary>The delivery tag, 1 to 32 bytes (AMQP 1.0 part 2, 2.8.7).</summary>
    ReadOnlyMemory<byte> Tag { get; }

    /// <summary>Completes with the peer's outcome, whichever it is.</summary>
    /// <remarks>It faults only with <see cref="DeliveryInDoubtException"/>, <see cref="LinkException"/> or a wider exception, when the link ended first. A pre-settled send is <see cref="Accepted"/> at once.</remarks>
    Task<Outcome> Outcome { get; }
}
