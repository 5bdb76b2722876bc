using Messaging.Amqp;

namespace Messaging;

/// <summary>A connection between two containers (AMQP 1.0 part 2, 2.4). Safe for concurrent use; dispose it to close it.</summary>
/// <remarks>Links made here share the default session. <see cref="IAsyncDisposable.DisposeAsync"/> closes within 5 seconds and never throws.</remarks>
public interface IConnection : ILinkFactory, IAsyncDisposable
{
    /// <summary>Where the connection stands.</summary>
    ConnectionState State { get; }

    /// <summary>Raised once for each change of <see cref="State"/>, in order, on the thread pool.</summary>
    event EventHandler<ConnectionStateChangedEventArgs>? StateChanged;

    /// <summary>Raised once for each error that ends the connection, a session or a link, or that costs the connection its transport, in the widest of these scopes; on the thread pool, in order.</summary>
    /// <remarks>A connection that the server closes with <c>amqp:connection:forced</c> or redirects, and that is opened again elsewhere, is no error: it shows in <see cref="StateChanged"/> only.</remarks>
    event EventHandler<MessagingErrorEventArgs>? ErrorOccurred;

    /// <summary>Raised once for each link that is attached and does nothing, after the time that <see cref="ConnectionOptions.Watchdog"/> allows; on the thread pool, in order.</summary>
    event EventHandler<LinkStalledEventArgs>? LinkStalled;

    /// <summary>The identity that the peer told in its <c>open</c>; <see langword="null"/> before that.</summary>
    string? RemoteContainerId { get; }

    /// <summary>As whom the peer of an accepted connection has logged in, <c>anonymous</c> if as nobody; <see langword="null"/> on a connection that this side opened.</summary>
    string? RemoteIdentity { get; }

    /// <summary>The properties of the peer's <c>open</c>, such as <c>product</c> and <c>version</c>; empty when it sent none.</summary>
    IReadOnlyDictionary<Symbol, object?> RemoteProperties { get; }

    /// <summary>The capabilities that the peer's <c>open</c> offers; empty when it offers none.</summary>
    IReadOnlyList<Symbol> RemoteOfferedCapabilities { get; }

    /// <summary>Completes once, when the connection has ended, with the reason; it never faults.</summary>
    Task<CloseReason> Closed { get; }

    /// <summary>Begins a session of its own.</summary>
    /// <param name="options">Copied before the call returns; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Ends the wait; a half-begun session is ended.</param>
    /// <returns>The session; dispose it to end it and its links.</returns>
    /// <exception cref="SessionException">The peer refused it, or <c>channel-max</c> is reached.</exception>
    /// <exception cref="MessagingConnectionException">The connection has ended.</exception>
    /// <exception cref="TimeoutException">The peer did not answer within <see cref="ConnectionOptions.OperationTimeout"/> (calls without a token only).</exception>
    ValueTask<ISession> CreateSessionAsync(SessionOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>The links that the peer attaches, to be accepted or refused one by one. Several enumerations compete.</summary>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <returns>A stream that ends when the connection has been closed here, and throws when it was lost.</returns>
    /// <remarks>A link that is not decided within <see cref="ListenerOptions.DecisionTimeout"/> is refused with <c>amqp:not-allowed</c>.</remarks>
    IAsyncEnumerable<IIncomingLink> IncomingLinksAsync(CancellationToken cancellationToken = default);

    /// <summary>Closes the connection: sends in flight may finish until the token is cancelled, the rest are in doubt; then the <c>close</c> frames are exchanged.</summary>
    /// <param name="cancellationToken">Ends the graceful part: the connection is closed at once.</param>
    /// <returns>A task that completes when the connection is closed.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the peer had answered.</exception>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>Stops gracefully: receivers get no more messages and those handed out may still be settled, senders get their outcomes; then the connection is closed.</summary>
    /// <param name="deadline">How long that may take; what is not finished by then is reported. A lost connection may come back meanwhile.</param>
    /// <param name="cancellationToken">Ends the graceful part at once; the connection is closed all the same, and the report is given.</param>
    /// <returns>What could not be finished.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="deadline"/> is negative.</exception>
    ValueTask<CloseReport> CloseAsync(TimeSpan deadline, CancellationToken cancellationToken = default);

    /// <summary>Closes the connection and tells the peer an error.</summary>
    /// <param name="error">The error for the <c>close</c> frame.</param>
    /// <param name="cancellationToken">Ends the graceful part: the connection is closed at once.</param>
    /// <returns>A task that completes when the connection is closed.</returns>
    /// <exception cref="ArgumentException"><paramref name="error"/> has something that AMQP cannot express.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the peer had answered.</exception>
    ValueTask CloseAsync(AmqpError? error, CancellationToken cancellationToken = default);
}
