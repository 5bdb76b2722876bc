namespace Messaging;

/// <summary>Gives the delays between attempts to reconnect. Used by one connection at a time, never by two threads at once.</summary>
public interface IReconnectDelay
{
    /// <summary>The connection was up long enough: the delays begin anew.</summary>
    void Reset();

    /// <summary>The next delay.</summary>
    /// <returns>Zero to 24 days; what is outside counts as the nearer end.</returns>
    /// <remarks>What it throws ends the connection, with a <see cref="MessagingConnectionException"/> that is not transient. The same goes for <see cref="Reset"/>.</remarks>
    TimeSpan Next();
}
