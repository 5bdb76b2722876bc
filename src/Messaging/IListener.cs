namespace Messaging;

/// <summary>Listens for connections. Disposing it stops listening; accepted connections stay.</summary>
public interface IListener : IAsyncDisposable
{
    /// <summary>The URL to connect to, with the real port where 0 was asked for.</summary>
    string Url { get; }

    /// <summary>The connections that arrive, authenticated and with the peer's <c>open</c> read, to be accepted or refused. Several enumerations compete.</summary>
    /// <param name="cancellationToken">Ends the enumeration with <see cref="OperationCanceledException"/>.</param>
    /// <returns>A stream that ends when the listener is closed.</returns>
    /// <remarks>A connection that is not decided within <see cref="ListenerOptions.DecisionTimeout"/> is refused.</remarks>
    IAsyncEnumerable<IIncomingConnection> AcceptAllAsync(CancellationToken cancellationToken = default);

    /// <summary>Stops listening; accepted connections stay, those that are not decided are refused.</summary>
    /// <param name="cancellationToken">Ends the wait only.</param>
    /// <returns>A task that completes when the port is free again.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled before that.</exception>
    ValueTask CloseAsync(CancellationToken cancellationToken = default);
}
