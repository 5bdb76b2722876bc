namespace Messaging;

/// <summary>Gives the delays between attempts to reconnect. Used by one connection at a time, never by two threads at once.</summary>
public interface IReconnectDelay
{
    /// <summary>The connection was up long enough: the delays begin anew.</summary>
    void Reset();

    /// <summary>The next delay.</summary>
    /// <returns>Zero or more.</returns>
    TimeSpan Next();
}
