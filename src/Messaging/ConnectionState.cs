namespace Messaging;

/// <summary>Where a connection stands.</summary>
public enum ConnectionState
{
    /// <summary>Being opened for the first time.</summary>
    Connecting = 0,

    /// <summary>Open.</summary>
    Connected = 1,

    /// <summary>Lost and being opened again.</summary>
    Reconnecting = 2,

    /// <summary>Being closed by this side.</summary>
    Closing = 3,

    /// <summary>Closed, by this side or by the peer without an error.</summary>
    Closed = 4,

    /// <summary>Ended by an error: see <see cref="IConnection.Closed"/>.</summary>
    Faulted = 5,
}
