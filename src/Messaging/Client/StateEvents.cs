namespace Messaging.Client;

/// <summary>The state of a connection and the event for its changes.</summary>
internal sealed class StateEvents(IConnection sender, EventQueue events)
{
    private readonly Lock _lock = new();
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
            if (_current != state && _current is not (ConnectionState.Closed or ConnectionState.Faulted))
                Change(new ConnectionStateChangedEventArgs(_current, state, cause));
        }
    }

    /// <summary>An open connection is lost, or another attempt to open it again has failed. Before the first open there is nobody to tell.</summary>
    public void SetReconnecting(MessagingException cause, int attempt, TimeSpan delay, string endpoint)
    {
        lock (_lock)
        {
            if (_current is ConnectionState.Connected or ConnectionState.Reconnecting)
                Change(new ConnectionStateChangedEventArgs(_current, ConnectionState.Reconnecting, cause) { Attempt = attempt, NextDelay = delay, Endpoint = endpoint });
        }
    }

    private void Change(ConnectionStateChangedEventArgs change)
    {
        _current = change.Current;
        events.Raise(Changed, sender, change);
    }
}
