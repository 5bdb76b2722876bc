namespace Messaging.Client;

/// <summary>The session that links made on the connection share: begun at first use, and anew after it has ended.</summary>
internal sealed class DefaultSession(Connection connection)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private SessionEndpoint? _session;

    public async ValueTask<SessionEndpoint> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _session) is { Closed.IsCompleted: false } live)
            return live;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_session is not { Closed.IsCompleted: false })
                Volatile.Write(ref _session, await connection.BeginSessionAsync(cancellationToken).ConfigureAwait(false));
            return _session!;
        }
        finally
        {
            _gate.Release();
        }
    }
}
