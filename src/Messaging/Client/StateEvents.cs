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

    /// <summary>Changes the state, unless it is that already, or cannot follow: a connection that closes only ends, and an ended one stays so.</summary>
    public void Set(ConnectionState state, MessagingException? cause, string? endpoint = null)
    {
        lock (_lock)
        {
            bool isOver = _current is ConnectionState.Closed or ConnectionState.Faulted;
            bool isClosing = _current == ConnectionState.Closing && state is not (ConnectionState.Closed or ConnectionState.Faulted);
            if (_current != state && !isOver && !isClosing)
                Change(new ConnectionStateChangedEventArgs(_current, state, cause) { Endpoint = endpoint });
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
