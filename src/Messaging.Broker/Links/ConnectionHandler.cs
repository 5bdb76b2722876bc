using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>Serves one connection: accepts it, then each of its links, and ends when they have ended.</summary>
internal sealed class ConnectionHandler(IIncomingConnection incoming, PeerRights rights, QueueTable queues, LinkStates states, BrokerOptions options, ILogger logger, CancellationToken stopping)
{
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _links = [];
    private IConnection? _connection;

    /// <summary>Serves the connection to its end; never throws.</summary>
    public async Task RunAsync()
    {
        try
        {
            _connection = await incoming.AcceptAsync(stopping).ConfigureAwait(false);
            stopping.ThrowIfCancellationRequested(); // who stopped the broker meanwhile has not seen this connection
            var links = new LinkHandler(_connection, rights, queues, states, options, logger, stopping);
            await foreach (IIncomingLink link in _connection.IncomingLinksAsync(CancellationToken.None).ConfigureAwait(false))
                Track(links.HandleAsync(link));
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException or InvalidOperationException)
        {
            BrokerLog.ConnectionEnded(logger, incoming.RemoteContainerId, exception.Message);
        }
        catch (Exception exception)
        {
            BrokerLog.HandlerFailed(logger, $"the connection from {incoming.RemoteContainerId}", exception);
        }

        await CloseAsync(error: null, CancellationToken.None).ConfigureAwait(false);
        await WhenLinksEndAsync().ConfigureAwait(false);
    }

    /// <summary>Closes the connection; never throws.</summary>
    public async Task CloseAsync(AmqpError? error, CancellationToken cancellationToken)
    {
        if (_connection is not { } connection)
            return;
        try
        {
            await connection.CloseAsync(error, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException)
        {
            BrokerLog.ConnectionEnded(logger, connection.RemoteContainerId, exception.Message);
        }
    }

    private void Track(Task link)
    {
        lock (_lock)
            _links.Add(link);
        _ = link.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private void Forget(Task link)
    {
        lock (_lock)
            _links.Remove(link);
    }

    private Task WhenLinksEndAsync()
    {
        lock (_lock)
            return Task.WhenAll(_links.ToArray());
    }
}
