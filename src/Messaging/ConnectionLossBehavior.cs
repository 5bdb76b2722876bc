namespace Messaging;

/// <summary>What becomes of messages that were sent and not settled when their link, session or connection is lost. What was not sent yet waits in every case.</summary>
public enum ConnectionLossBehavior
{
    /// <summary>They are sent again, in order and with the same delivery tags: at least once. The peer may get a message twice; see <see cref="ISentDelivery.Attempts"/>. Never for pre-settled and transactional sends, which are in doubt.</summary>
    Resend = 0,

    /// <summary>They fail with <see cref="DeliveryInDoubtException"/>: the application decides.</summary>
    Surface = 1,

    /// <summary>The link is resumed (AMQP 1.0 part 2, 2.6.13): the peer tells what it has, and only the rest is sent again. Exactly once, where the peer keeps the state of links; where it does not, as with <see cref="Resend"/>, with a log line.</summary>
    /// <remarks>Asks the peer for <see cref="Amqp.ReceiverSettleMode.Second"/> and, unless the application has set the target's expiry policy or time-out, to keep the target for 300 seconds after the connection (<see cref="Amqp.TerminusExpiryPolicy.ConnectionClose"/>).</remarks>
    Resume = 2,
}
