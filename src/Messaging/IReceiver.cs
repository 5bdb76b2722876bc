using System.Diagnostics.CodeAnalysis;

namespace Messaging;

/// <summary>Receives messages from a source. Safe for concurrent use: several calls and streams compete for the messages.</summary>
/// <remarks>No message flows before the first receive call. The peer may then be <see cref="ReceiverOptions.CreditWindow"/> messages ahead.</remarks>
public interface IReceiver : ILink
{
    /// <summary>Receives messages for ever.</summary>
    /// <param name="cancellationToken">Ends the stream with <see cref="OperationCanceledException"/>; no message is lost.</param>
    /// <returns>A stream. With <see cref="ReceiverOptions.AutoAccept"/> a delivery that the body did not settle is accepted when the loop asks for the next one;
    /// when the body throws or breaks it is settled <c>modified(delivery-failed)</c>. It ends normally after a local close.</returns>
    /// <exception cref="ObjectDisposedException">The receiver was closed or disposed before the stream began.</exception>
    /// <exception cref="LinkException">The peer ended the link (or wider: <see cref="SessionException"/>, <see cref="MessagingConnectionException"/>).</exception>
    IAsyncEnumerable<IDelivery> ReceiveAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Receives a number of messages, then ends by itself; the last one is accepted too.</summary>
    /// <param name="count">How many; at least 1.</param>
    /// <param name="cancellationToken">Ends the stream with <see cref="OperationCanceledException"/>; no message is lost.</param>
    /// <returns>A stream that asks the peer for no more messages than it still wants.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed or disposed before the stream began.</exception>
    /// <exception cref="LinkException">The peer ended the link (or wider).</exception>
    IAsyncEnumerable<IDelivery> ReceiveAllAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>Receives one message; the application settles it.</summary>
    /// <param name="cancellationToken">Ends the wait; a message that arrives later goes to the next caller.</param>
    /// <returns>The delivery.</returns>
    /// <exception cref="ObjectDisposedException">The receiver was closed or disposed.</exception>
    /// <exception cref="LinkException">The peer ended the link (or wider).</exception>
    /// <exception cref="TimeoutException">Nothing came within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    ValueTask<IDelivery> ReceiveAsync(CancellationToken cancellationToken = default);

    /// <summary>Takes a message that is already here; the application settles it.</summary>
    /// <param name="delivery">The delivery, or <see langword="null"/>.</param>
    /// <returns>Whether there was one. The first call opens the credit window.</returns>
    /// <exception cref="ObjectDisposedException">The receiver was closed or disposed, and what had come before is taken.</exception>
    /// <exception cref="LinkException">The peer ended the link (or wider), and what had come before is taken.</exception>
    bool TryReceive([NotNullWhen(true)] out IDelivery? delivery);

    /// <summary>Hands each message to a handler, several at a time, until the token is cancelled or the receiver is closed.</summary>
    /// <param name="handler">Called once per delivery; unless it settled the delivery itself it is accepted when the handler returns, and settled <c>modified(delivery-failed)</c> when it throws.</param>
    /// <param name="maxConcurrency">How many handlers run at the same time; at least 1.</param>
    /// <param name="cancellationToken">Stops taking messages, is passed to the handlers, and completes the call when they have returned.</param>
    /// <returns>A task that completes when the receiver was closed here or the token was cancelled; it waits for running handlers.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxConcurrency"/> is below 1.</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed or disposed before the call.</exception>
    /// <exception cref="LinkException">The peer ended the link (or wider).</exception>
    /// <remarks>A handler that throws is logged and does not stop the others.</remarks>
    ValueTask ProcessAsync(Func<IDelivery, CancellationToken, ValueTask> handler, int maxConcurrency = 1, CancellationToken cancellationToken = default);

    /// <summary>Lets the peer send more messages: manual credit, only with a <see cref="ReceiverOptions.CreditWindow"/> of 0.</summary>
    /// <param name="credit">How many more; at least 1. Together with what is outstanding it is cut at 2,147,483,647; while a drain is not answered it is part of that drain.</param>
    /// <param name="cancellationToken">Ends the wait only.</param>
    /// <returns>A task that completes when the <c>flow</c> is on its way.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="credit"/> is below 1.</exception>
    /// <exception cref="InvalidOperationException">The credit window is not 0.</exception>
    /// <exception cref="LinkException">The peer ended the link (or wider).</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed or disposed.</exception>
    ValueTask AddCreditAsync(int credit, CancellationToken cancellationToken = default);

    /// <summary>Asks the peer to use up or give back the credit it has (part 2, 2.6.7): afterwards no message is on its way.</summary>
    /// <param name="cancellationToken">Ends the wait; the drain goes on.</param>
    /// <returns>A task that completes when the peer has answered. What arrived is there for <see cref="TryReceive"/>.</returns>
    /// <exception cref="InvalidOperationException">The credit window is not 0.</exception>
    /// <exception cref="LinkException">The peer ended the link (or wider).</exception>
    /// <exception cref="ObjectDisposedException">The receiver was closed or disposed.</exception>
    /// <exception cref="TimeoutException">The peer did not answer within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only); the drain goes on.</exception>
    ValueTask DrainAsync(CancellationToken cancellationToken = default);
}
