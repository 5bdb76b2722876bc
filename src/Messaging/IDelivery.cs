using Messaging.Amqp;

namespace Messaging;

/// <summary>A received message and its settlement (AMQP 1.0 part 2, 2.6.12; part 3, 3.4).</summary>
/// <remarks>Settle it once: a second settlement throws. <see cref="IDisposable.Dispose"/> gives the pooled memory back and settles nothing.</remarks>
public interface IDelivery : IDisposable
{
    /// <summary>The message, decoded when it is first looked at.</summary>
    /// <remarks>What was read from it stays valid for ever, save the opt-in view <see cref="Message.Data"/>.</remarks>
    Message Message { get; }

    /// <summary>The delivery tag that the sender chose.</summary>
    ReadOnlyMemory<byte> Tag { get; }

    /// <summary>Whether the delivery is settled: by the application, or by a sender that sends settled.</summary>
    bool Settled { get; }

    /// <summary>Whether the sender resumes with it a delivery of an earlier attach of the link (part 2, 2.6.13), one that <see cref="IncomingReceiverOptions.Unsettled"/> named: it is known here by its <see cref="Tag"/>. One that is <see cref="Settled"/> too carries no message.</summary>
    bool IsResumed { get; }

    /// <summary>The message was processed; the peer may forget it.</summary>
    /// <param name="cancellationToken">With receiver settle mode <c>second</c>, ends the wait for the sender's settlement; otherwise without effect.</param>
    /// <returns>A task that completes when the settlement is on its way; with settle mode <c>second</c>, when the sender has settled.</returns>
    /// <exception cref="InvalidOperationException">The delivery is already settled.</exception>
    /// <exception cref="DeliveryLostException">The delivery came on a connection or session that is gone; the peer will deliver the message again.</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed here: the settlement cannot reach the peer, which may deliver the message again.</exception>
    /// <exception cref="LinkException">The link has ended (or wider): the settlement cannot reach the peer, which may deliver the message again.</exception>
    ValueTask AcceptAsync(CancellationToken cancellationToken = default);

    /// <summary>The message is invalid and cannot be processed; a broker usually dead-letters it.</summary>
    /// <param name="error">Why, for the peer; or <see langword="null"/>. Of one that is larger than the peer's frames, the condition and the beginning of the description are sent.</param>
    /// <param name="cancellationToken">See <see cref="AcceptAsync"/>.</param>
    /// <returns>See <see cref="AcceptAsync"/>.</returns>
    /// <exception cref="InvalidOperationException">The delivery is already settled.</exception>
    /// <exception cref="DeliveryLostException">The delivery came on a connection or session that is gone; the peer will deliver the message again.</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed here: the settlement cannot reach the peer, which may deliver the message again.</exception>
    /// <exception cref="LinkException">The link has ended (or wider).</exception>
    /// <exception cref="ArgumentException">The outcome has something that AMQP cannot express; nothing is settled.</exception>
    ValueTask RejectAsync(AmqpError? error = null, CancellationToken cancellationToken = default);

    /// <summary>The message was not and will not be processed here; it goes back unchanged.</summary>
    /// <param name="cancellationToken">See <see cref="AcceptAsync"/>.</param>
    /// <returns>See <see cref="AcceptAsync"/>.</returns>
    /// <exception cref="InvalidOperationException">The delivery is already settled.</exception>
    /// <exception cref="DeliveryLostException">The delivery came on a connection or session that is gone; the peer will deliver the message again.</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed here: the settlement cannot reach the peer, which may deliver the message again.</exception>
    /// <exception cref="LinkException">The link has ended (or wider).</exception>
    ValueTask ReleaseAsync(CancellationToken cancellationToken = default);

    /// <summary>The message goes back changed.</summary>
    /// <param name="deliveryFailed">Counts this delivery as a failed attempt: the message's delivery count rises.</param>
    /// <param name="undeliverableHere">The message must not come to this link again.</param>
    /// <param name="cancellationToken">See <see cref="AcceptAsync"/>.</param>
    /// <returns>See <see cref="AcceptAsync"/>.</returns>
    /// <exception cref="InvalidOperationException">The delivery is already settled.</exception>
    /// <exception cref="DeliveryLostException">The delivery came on a connection or session that is gone; the peer will deliver the message again.</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed here: the settlement cannot reach the peer, which may deliver the message again.</exception>
    /// <exception cref="LinkException">The link has ended (or wider).</exception>
    ValueTask ModifyAsync(bool deliveryFailed, bool undeliverableHere, CancellationToken cancellationToken = default);

    /// <summary>The message goes back changed, with annotations to merge into it.</summary>
    /// <param name="modification">The outcome whole.</param>
    /// <param name="cancellationToken">See <see cref="AcceptAsync"/>.</param>
    /// <returns>See <see cref="AcceptAsync"/>.</returns>
    /// <exception cref="InvalidOperationException">The delivery is already settled.</exception>
    /// <exception cref="DeliveryLostException">The delivery came on a connection or session that is gone; the peer will deliver the message again.</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed here: the settlement cannot reach the peer, which may deliver the message again.</exception>
    /// <exception cref="LinkException">The link has ended (or wider).</exception>
    /// <exception cref="ArgumentException">The outcome has something that AMQP cannot express, or is larger than the peer's frames (its <c>max-frame-size</c>); nothing is settled.</exception>
    ValueTask ModifyAsync(Modified modification, CancellationToken cancellationToken = default);
}
