namespace Messaging.Transport;

/// <summary>A place where byte streams arrive.</summary>
internal interface ITransportListener : IAsyncDisposable
{
    /// <summary>Scheme, host as it was given, and the real port.</summary>
    string Url { get; }

    /// <summary>The next stream. Errors of a single connection are not reported here: the listener goes on.</summary>
    /// <param name="cancellationToken">Ends the wait; a stream that arrives then is kept for the next call.</param>
    /// <returns>The stream, or <see langword="null"/> once the listener is disposed.</returns>
    ValueTask<ITransport?> AcceptAsync(CancellationToken cancellationToken);
}
