using System.Collections.Immutable;
using Messaging.Amqp;
using Messaging.Client;
using Microsoft.Extensions.Logging;

namespace Messaging.Recovery;

/// <summary>
/// Where a server sends links on to (<c>amqp:link:redirect</c>, part 2, 2.8.18). Links to one server share a connection, which comes back by itself
/// like every other and ends with the one that was redirected.
/// </summary>
/// <param name="own">The connection that is redirected.</param>
/// <param name="endpoints">Its servers, and what may be followed.</param>
/// <param name="connect">Opens a connection to another server.</param>
/// <param name="logger">Where it is told.</param>
internal sealed class LinkRedirects(Connection own, Endpoints endpoints, Func<ConnectionOptions, CancellationToken, Task<Connection>> connect, ILogger logger)
{
    /// <summary>A server cannot make us open more.</summary>
    private const int MaxConnections = 16;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile ImmutableDictionary<string, Connection> _connections = ImmutableDictionary.Create<string, Connection>(StringComparer.OrdinalIgnoreCase); // replaced behind the gate
    private readonly CancellationTokenSource _closing = new();
    private bool _isClosed;

    /// <summary>The connection on which a redirected link is to be attached.</summary>
    /// <returns>Null when the redirect is not to be followed: it leads from TLS to clear text or to nowhere, or there are too many connections already.</returns>
    /// <exception cref="LinkException">The server cannot be reached.</exception>
    public async ValueTask<Connection?> FollowAsync(ConnectionOptions current, AmqpError error, CancellationToken cancellationToken)
    {
        if (!Endpoints.NamesServer(error))
            return own;
        if (endpoints.Redirect(current, error) is not { } target)
            return null;
        string key = $"{ConnectionUrl.Parse(target.Url).Endpoint} {target.VirtualHost}";
        if (key.Equals($"{ConnectionUrl.Parse(current.Url).Endpoint} {current.VirtualHost}", StringComparison.OrdinalIgnoreCase))
            return own;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, cancellationToken);
        try
        {
            return await GetInTurnAsync(key, target, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (_closing.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new LinkException($"A link of connection {own.Loop.Settings.Name} was redirected to {ConnectionUrl.Parse(target.Url)}, and the connection was closed here before it was there.", error, innerException: exception);
        }
        catch (MessagingException exception)
        {
            throw new LinkException($"A link of connection {own.Loop.Settings.Name} was redirected to {ConnectionUrl.Parse(target.Url)}, where it cannot go: {exception.Message}", error, exception.IsTransient, exception);
        }
    }

    /// <summary>The connections that are open, or come back. From any thread.</summary>
    public IReadOnlyCollection<Connection> Connections => [.. _connections.Values];

    /// <summary>Closes every connection, each within 5 seconds; one that is being opened is given up.</summary>
    /// <param name="waits">Whether sends in flight may finish.</param>
    public async Task CloseAsync(bool waits)
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _gate.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            _isClosed = true;
            await Task.WhenAll(_connections.Values.Select(connection => connection.EndAsync(waits).AsTask())).ConfigureAwait(false);
            _connections = _connections.Clear();
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Connection?> GetInTurnAsync(string key, ConnectionOptions target, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await GetAsync(key, target, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Connection?> GetAsync(string key, ConnectionOptions target, CancellationToken cancellationToken)
    {
        _connections = _connections.RemoveRange(_connections.Where(static known => known.Value.Closed.IsCompleted).Select(static known => known.Key));
        if (_connections.TryGetValue(key, out Connection? known))
            return known;
        if (_isClosed || _connections.Count == MaxConnections)
            return null;
        RecoveryLog.LinkRedirected(logger, own.Loop.Settings.Name, ConnectionUrl.Parse(target.Url).ToString());
        Connection opened = await connect(target.Alone(), cancellationToken).ConfigureAwait(false);
        _connections = _connections.Add(key, opened);
        return opened;
    }
}
