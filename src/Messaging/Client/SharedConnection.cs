using Messaging.Security;

namespace Messaging.Client;

/// <summary>The one connection that all callers of a client share: opened by the first, for all; opened anew once it has ended or has failed to open.</summary>
internal sealed class SharedConnection(Func<CancellationToken, ValueTask<IConnection>> connect)
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private Task<IConnection>? _connection;

    public async ValueTask<IConnection> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Current().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (_disposed.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ObjectDisposedException("The client was disposed while its shared connection was being opened.", exception);
        }
    }

    /// <summary>Ends an opening that is under way.</summary>
    public Task CancelAsync() => _disposed.CancelAsync();

    private Task<IConnection> Current()
    {
        lock (_lock)
        {
            if (_connection is null || _connection.IsFaulted || _connection.IsCanceled || HasEnded(_connection))
            {
                _connection = Task.Run(() => connect(_disposed.Token).AsTask());
                _connection.MayFailUnseen();
            }

            return _connection;
        }
    }

    private static bool HasEnded(Task<IConnection> connection) => connection.IsCompletedSuccessfully && connection.Result.Closed.IsCompleted;
}
