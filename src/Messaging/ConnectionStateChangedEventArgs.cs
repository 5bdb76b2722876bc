namespace Messaging;

/// <summary>A change of <see cref="IConnection.State"/>.</summary>
/// <param name="previous">The state before.</param>
/// <param name="current">The state now.</param>
/// <param name="cause">What caused the change, if it was an error.</param>
public sealed class ConnectionStateChangedEventArgs(ConnectionState previous, ConnectionState current, MessagingException? cause) : EventArgs
{
    /// <summary>The state before.</summary>
    public ConnectionState Previous { get; } = previous;

    /// <summary>The state now.</summary>
    public ConnectionState Current { get; } = current;

    /// <summary>What caused the change; <see langword="null"/> when it was no error.</summary>
    public MessagingException? Cause { get; } = cause;

    /// <summary>The attempt that comes next in this outage, from 1; 0 unless <see cref="Current"/> is <see cref="ConnectionState.Reconnecting"/>. Each failed attempt raises one more change from and to that state.</summary>
    public int Attempt { get; init; }

    /// <summary>How long that attempt waits.</summary>
    public TimeSpan NextDelay { get; init; }

    /// <summary>The server that was lost or tried last, or to which the connection is open, without a password; <see langword="null"/> for all other states.</summary>
    public string? Endpoint { get; init; }
}
