namespace Messaging.Client;

/// <summary>What differs between a connection that this side opens and one that it accepts.</summary>
internal abstract class ConnectionRole
{
    /// <summary>The address for links that are created without one.</summary>
    public virtual string? DefaultAddress => null;

    /// <summary>The time from the first byte to the open.</summary>
    public abstract TimeSpan HandshakeTimeout { get; }

    /// <summary>When links that do nothing are reported; null for never.</summary>
    public virtual WatchdogOptions? Watchdog => null;

    /// <summary>Puts tokens before links are attached; null without claims-based security.</summary>
    public virtual Security.CbsSession? Cbs => null;

    /// <summary>Decides about a session that the peer begins.</summary>
    public virtual bool AcceptSession(IIncomingSession session) => true;

    /// <summary>The SASL exchange of this side.</summary>
    public abstract Security.ISaslExchange CreateSasl(Connection connection);

    /// <summary>The peer's open has come: a client is done, a listener asks the application. Runs on the loop.</summary>
    public abstract void OnOpened(Connection connection, in Amqp.Framing.Open open);

    /// <summary>The peer attaches a link: a listener asks whether it may. Runs on the loop.</summary>
    public virtual void OnLinkRequested(Connection connection, IncomingLink link) => connection.Offer(link);

    /// <summary>The connection has ended. Runs on the loop.</summary>
    public virtual void OnStopped()
    {
    }
}
