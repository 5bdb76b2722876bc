namespace Messaging.Client;

/// <summary>
/// The session that links made on the connection share: begun at first use, and anew after it has ended.
/// Some servers end the whole session for one bad link: the others then move to a new one, and if that ends too,
/// each to a session of its own, so that the guilty one fails alone.
/// </summary>
internal sealed class DefaultSession(Connection connection)
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private SessionEndpoint? _session;

    public async ValueTask<SessionEndpoint> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _session) is { Closed.IsCompleted: false } live)
            return await BegunAsync(live, cancellationToken).ConfigureAwait(false);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _session) is { Closed.IsCompleted: false } other)
                return await BegunAsync(other, cancellationToken).ConfigureAwait(false);
            var session = new SessionEndpoint(connection) { DefaultSession = this };
            await connection.BeginSessionAsync(session, cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _session, session);
            return session;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The peer has ended a default session: its links go on elsewhere. Runs on the loop.</summary>
    public void Replace(SessionEndpoint lost, IReadOnlyList<LinkEndpoint> links)
    {
        if (links.Count == 0)
            return;
        if (!lost.IsReplacement)
        {
            var replacement = new SessionEndpoint(connection) { DefaultSession = this, IsReplacement = true };
            Volatile.Write(ref _session, replacement);
            Begin(replacement, links);
            return;
        }

        foreach (LinkEndpoint link in links)
            Begin(new SessionEndpoint(connection), [link]);
    }

    private static async ValueTask<SessionEndpoint> BegunAsync(SessionEndpoint session, CancellationToken cancellationToken)
    {
        await session.Begun.WaitAsync(cancellationToken).ConfigureAwait(false);
        return session;
    }

    private void Begin(SessionEndpoint session, IReadOnlyList<LinkEndpoint> links)
    {
        foreach (LinkEndpoint link in links)
            link.MoveTo(session);
        session.Resume();
    }
}
