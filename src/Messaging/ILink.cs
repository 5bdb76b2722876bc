using Messaging.Amqp;

namespace Messaging;

/// <summary>What senders and receivers have in common (AMQP 1.0 part 2, 2.6).</summary>
/// <remarks><see cref="IAsyncDisposable.DisposeAsync"/> closes within 5 seconds and never throws; a link with a durable or never-expiring terminus is detached instead, so that a subscription outlives it.</remarks>
public interface ILink : IAsyncDisposable
{
    /// <summary>The link's name, unique between the two containers for its direction; generated unless given.</summary>
    string Name { get; }

    /// <summary>The source as the peer attached it: the real address and the filters it applies.</summary>
    Source Source { get; }

    /// <summary>The target as the peer attached it.</summary>
    Target Target { get; }

    /// <summary>The properties of the peer's <c>attach</c>; empty when it sent none.</summary>
    IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; }

    /// <summary>The capabilities that the peer's <c>attach</c> offers; empty when it offers none.</summary>
    IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; }

    /// <summary>Where the link stands.</summary>
    LinkState State { get; }

    /// <summary>Raised once for each change of <see cref="State"/>, in order with the events of the connection, on the thread pool. After a recovery the source or target may be another one: a dynamic node has a new address.</summary>
    event EventHandler<LinkStateChangedEventArgs>? StateChanged;

    /// <summary>The connection the link is on.</summary>
    IConnection Connection { get; }

    /// <summary>Completes once, when the link has ended, with the reason; it never faults.</summary>
    Task<CloseReason> Closed { get; }

    /// <summary>Detaches the link and keeps its terminus at the peer: a durable subscription goes on collecting messages.</summary>
    /// <param name="cancellationToken">Ends the wait for outcomes and for the peer's answer; the link is detached all the same.</param>
    /// <returns>A task that completes when the link is detached.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the peer had answered.</exception>
    ValueTask DetachAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the link and ends its terminus.</summary>
    /// <param name="cancellationToken">Ends the wait for outcomes and for the peer's answer; the link is closed all the same.</param>
    /// <returns>A task that completes when the link is closed.</returns>
    /// <remarks>A sender refuses new sends and waits for the outcomes of those in flight, the rest are in doubt. A receiver releases what was not handed out.</remarks>
    /// <exception cref="OperationCanceledException">The token was cancelled before the peer had answered.</exception>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the link at once and tells the peer an error.</summary>
    /// <param name="error">The error for the <c>detach</c> frame.</param>
    /// <param name="cancellationToken">Ends the wait for the peer's answer; the link is closed all the same.</param>
    /// <returns>A task that completes when the link is closed.</returns>
    /// <exception cref="ArgumentException"><paramref name="error"/> has something that AMQP cannot express.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the peer had answered.</exception>
    ValueTask CloseAsync(AmqpError? error, CancellationToken cancellationToken = default);
}
