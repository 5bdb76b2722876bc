using Messaging.Loop;

namespace Messaging.Client;

/// <summary>The state of a connection and the event for its changes, raised in order on the pool.</summary>
internal sealed class StateEvents(IConnection sender, LoopSettings settings)
{
    private readonly Lock _lock = new();
    private Task _raised = Task.CompletedTask;
    private ConnectionState _current = ConnectionState.Connecting;

    public event EventHandler<ConnectionStateChangedEventArgs>? Changed;

    public ConnectionState Current
    {
        get
        {
            lock (_lock)
                return _current;
        }
    }

    public void Set(ConnectionState state, MessagingException? cause)
    {
        lock (_lock)
        {
            if (_current == state || _current is ConnectionState.Closed or ConnectionState.Faulted)
                return;
            var change = new ConnectionStateChangedEventArgs(_current, state, cause);
            _current = state;
            if (Changed is not { } handlers)
                return; // who comes later is not told what was before
            _raised = _raised.ContinueWith(_ => Raise(handlers, change), CancellationToken.None, TaskContinuationOptions.DenyChildAttach, TaskScheduler.Default);
        }
    }

    private void Raise(EventHandler<ConnectionStateChangedEventArgs> handlers, ConnectionStateChangedEventArgs change)
    {
        foreach (Delegate handler in handlers.GetInvocationList())
        {
            try
            {
                ((EventHandler<ConnectionStateChangedEventArgs>)handler)(sender, change);
            }
            catch (Exception exception)
            {
                LoopLog.StateHandlerFailed(settings.Logger, settings.Name, exception);
            }
        }
    }
}
