using Messaging.Amqp;

namespace Messaging;

/// <summary>A message that was handed to the link, and its outcome to come.</summary>
public interface ISentDelivery
{
    /// <summary>The delivery tag, 1 to 32 bytes (AMQP 1.0 part 2, 2.8.7).</summary>
    ReadOnlyMemory<byte> Tag { get; }

    /// <summary>Completes with the peer's outcome, whichever it is.</summary>
    /// <remarks>It faults only with <see cref="DeliveryInDoubtException"/>, <see cref="LinkException"/> or a wider exception, when the link ended first or the peer settled without an outcome. It has no time-out of its own: bound the wait with <see cref="Task.WaitAsync(TimeSpan)"/>. A pre-settled send is <see cref="Accepted"/> at once.</remarks>
    Task<Outcome> Outcome { get; }

    /// <summary>How often the message was sent so far: 0 while it waits, more than 1 after a lost connection (<see cref="ConnectionLossBehavior.Resend"/>), and then the peer may have it twice. A resumed link (<see cref="ConnectionLossBehavior.Resume"/>) does not count what the peer says that it has not got.</summary>
    int Attempts { get; }
}
