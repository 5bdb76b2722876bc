using Messaging.Amqp;

namespace Messaging;

/// <summary>A session (AMQP 1.0 part 2, 2.5): links with a common order and window. Most applications need only the connection's default one.</summary>
/// <remarks><see cref="IAsyncDisposable.DisposeAsync"/> ends it within 5 seconds and never throws.</remarks>
public interface ISession : ILinkFactory, IAsyncDisposable
{
    /// <summary>The connection it belongs to.</summary>
    IConnection Connection { get; }

    /// <summary>Completes once, when the session has ended, with the reason; it never faults.</summary>
    Task<CloseReason> Closed { get; }

    /// <summary>Ends the session and its links.</summary>
    /// <param name="cancellationToken">Ends the wait for the peer's <c>end</c>; the session is ended all the same.</param>
    /// <returns>A task that completes when the session has ended.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before the peer had answered.</exception>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);

    /// <summary>Ends the session and tells the peer an error.</summary>
    /// <param name="error">The error for the <c>end</c> frame.</param>
    /// <param name="cancellationToken">Ends the wait for the peer's <c>end</c>; the session is ended all the same.</param>
    /// <returns>A task that completes when the session has ended.</returns>
    /// <exception cref="ArgumentException"><paramref name="error"/> has something that AMQP cannot express.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the peer had answered.</exception>
    ValueTask CloseAsync(AmqpError? error, CancellationToken cancellationToken = default);
}
