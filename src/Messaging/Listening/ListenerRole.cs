using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Security;

namespace Messaging.Listening;

/// <summary>A connection that a listener accepted: the application decides about it, its sessions and its links.</summary>
/// <param name="listener">Who accepted it.</param>
/// <param name="options">The listener's options.</param>
/// <param name="mechanisms">Those that are offered.</param>
/// <param name="handshakeTimeout">What TLS has left of the time for the handshake.</param>
internal sealed class ListenerRole(Listener listener, ListenerOptions options, IReadOnlyList<ISaslServerMechanism> mechanisms, TimeSpan handshakeTimeout) : ConnectionRole
{
    private IncomingConnection? _incoming;
    private Authorizer? _authorizer;

    public override TimeSpan HandshakeTimeout => handshakeTimeout;

    public override bool AcceptSession(IIncomingSession session) => options.AcceptSession is not { } accept || accept(session);

    public override ISaslExchange CreateSasl(Connection connection) => new SaslListener(connection.Loop, mechanisms);

    public override void OnOpened(Connection connection, in Open open)
    {
        var sasl = (SaslListener)connection.Sasl;
        connection.AwaitDecision();
        connection.RemoteIdentity = sasl.Identity;
        _incoming = new IncomingConnection(connection, open, sasl.Identity, sasl.Mechanism);
        _authorizer = new Authorizer(connection, options, _incoming);
        _authorizer.Authorize(offer: () => listener.Offer(_incoming));
    }

    public override void OnLinkRequested(Connection connection, IncomingLink link) => _authorizer!.Authorize(link);

    public override void OnStopped()
    {
        if (_incoming is { } incoming)
        {
            incoming.OnEnded();
            listener.Withdraw(incoming);
        }

        listener.OnConnectionEnded();
    }
}
