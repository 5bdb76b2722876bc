using System.Diagnostics.CodeAnalysis;

namespace Messaging;

/// <summary>Sends messages to a target. Safe for concurrent use; messages of one thread keep their order.</summary>
public interface ISender : ILink
{
    /// <summary>The messages that may be sent right now without waiting for the peer (part 2, 2.6.7).</summary>
    int Credit { get; }

    /// <summary>Whether the peer has asked to use up or give back its credit (part 2, 2.6.7, <c>drain</c>) and has not been answered yet.</summary>
    /// <remarks>Each time the peer asks is another drain: <see cref="DrainedAsync"/> answers the one that was asked for when this was last looked at. A sender made by this side answers by itself when nothing is queued; one accepted with <see cref="IncomingSenderOptions.ManualDrain"/> answers in <see cref="DrainedAsync"/>.</remarks>
    bool IsDrainRequested { get; }

    /// <summary>The largest message in bytes that the peer takes on this link; 0 for no limit (part 2, 2.7.3, <c>max-message-size</c>).</summary>
    ulong MaxMessageSize { get; }

    /// <summary>Sends a message and waits until the peer has accepted it.</summary>
    /// <param name="message">Encoded before the call returns its task; it may be reused afterwards.</param>
    /// <param name="cancellationToken">Before the first frame is written: not sent, <see cref="OperationCanceledException"/>. In the middle of a large message: aborted, not sent.
    /// After the last frame: only the wait ends, with <see cref="SendCanceledInDoubtException"/>.</param>
    /// <returns>A task that completes when the peer accepts; for a pre-settled send, when its last frame was written.</returns>
    /// <exception cref="ArgumentException">The message cannot be encoded, or is larger than <see cref="MaxMessageSize"/>.</exception>
    /// <exception cref="ObjectDisposedException">The sender was closed or disposed.</exception>
    /// <exception cref="DeliveryNotAcceptedException">The peer rejected, released or modified it: see its three kinds.</exception>
    /// <exception cref="DeliveryInDoubtException">The link ended after the message was sent and before its outcome came, the peer settled it without an outcome, or none came within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    /// <exception cref="LinkException">The link ended before the message was sent, or was lost and takes only smaller messages since it is back.</exception>
    /// <exception cref="TimeoutException">No credit came within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only): not sent.</exception>
    ValueTask SendAsync(Message message, CancellationToken cancellationToken = default);

    /// <summary>Sends a message and returns once it is handed to the link (credit taken, frames written); a refusal is an outcome on the result, not an exception.</summary>
    /// <param name="message">Encoded before the call returns its task; it may be reused afterwards.</param>
    /// <param name="cancellationToken">Before the last frame: not sent. Afterwards it has no effect.</param>
    /// <returns>The delivery, with a task for its outcome.</returns>
    /// <exception cref="ArgumentException">The message cannot be encoded, or is larger than <see cref="MaxMessageSize"/>.</exception>
    /// <exception cref="ObjectDisposedException">The sender was closed or disposed.</exception>
    /// <exception cref="LinkException">The link ended before the message was sent, or was lost and takes only smaller messages since it is back.</exception>
    /// <exception cref="TimeoutException">No credit came within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only): not sent. <see cref="ISentDelivery.Outcome"/> itself has no time-out.</exception>
    ValueTask<ISentDelivery> SendTrackedAsync(Message message, CancellationToken cancellationToken = default);

    /// <summary>Sends messages in order, pipelined, and waits for all their outcomes.</summary>
    /// <param name="messages">Encoded one by one as they are enumerated.</param>
    /// <param name="cancellationToken">Ends the sending of what is not sent yet, and the wait.</param>
    /// <returns>The outcomes, in the order of the messages.</returns>
    /// <exception cref="ArgumentException">A message cannot be encoded; those before it have been sent.</exception>
    /// <exception cref="ObjectDisposedException">The sender was closed or disposed.</exception>
    /// <exception cref="DeliveryInDoubtException">The link ended and at least one outcome is unknown; or the peer settled nothing more for <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    /// <exception cref="TimeoutException">No credit came within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    /// <exception cref="LinkException">The link ended before all messages were sent.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled: messages that were sent before may have arrived, and their outcomes are not told.</exception>
    ValueTask<IReadOnlyList<Amqp.Outcome>> SendBatchAsync(IEnumerable<Message> messages, CancellationToken cancellationToken = default);

    /// <summary>Sends a message only if credit is there right now.</summary>
    /// <param name="message">Encoded before the call returns.</param>
    /// <param name="delivery">The delivery, with a task for its outcome; <see langword="null"/> when there was no credit.</param>
    /// <returns><see langword="true"/> when the message was handed to the link.</returns>
    /// <exception cref="ArgumentException">The message cannot be encoded, or is larger than <see cref="MaxMessageSize"/>.</exception>
    /// <exception cref="ObjectDisposedException">The sender was closed or disposed.</exception>
    /// <exception cref="LinkException">The link has ended.</exception>
    bool TrySend(Message message, [NotNullWhen(true)] out ISentDelivery? delivery);

    /// <summary>Waits until <see cref="Credit"/> is above zero or a drain is asked for.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when there is credit, or a drain to answer.</returns>
    /// <exception cref="ObjectDisposedException">The sender was closed or disposed.</exception>
    /// <exception cref="LinkException">The link has ended.</exception>
    /// <exception cref="TimeoutException">There was none within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    ValueTask WaitForCreditAsync(CancellationToken cancellationToken = default);

    /// <summary>Waits until the peer asks for a drain, whether there is credit or not: for a sender accepted with <see cref="IncomingSenderOptions.ManualDrain"/> that has nothing to send.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that completes when <see cref="IsDrainRequested"/> is true.</returns>
    /// <exception cref="ObjectDisposedException">The sender was closed or disposed.</exception>
    /// <exception cref="LinkException">The link has ended.</exception>
    /// <exception cref="TimeoutException">None was asked for within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    ValueTask WaitForDrainAsync(CancellationToken cancellationToken = default);

    /// <summary>Answers the drain that <see cref="IsDrainRequested"/> or <see cref="WaitForDrainAsync"/> last told of: gives the remaining credit back to the peer (part 2, 2.6.7). Does nothing when none is asked for, or another one meanwhile.</summary>
    /// <param name="cancellationToken">Ends the wait only.</param>
    /// <returns>A task that completes when the answer is on its way; messages sent before this call, as far as there is credit for them, go first.</returns>
    /// <exception cref="ObjectDisposedException">The sender was closed or disposed.</exception>
    /// <exception cref="LinkException">The link has ended.</exception>
    /// <exception cref="TimeoutException">What was sent before was not written within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    ValueTask DrainedAsync(CancellationToken cancellationToken = default);
}
