using Messaging.Amqp.Framing;
using Messaging.Client;
using Messaging.Security;

namespace Messaging.Listening;

/// <summary>A connection that a listener accepted: the application decides about it, its sessions and its links.</summary>
internal sealed class ListenerRole(Listener listener, ListenerOptions options, string remoteEndPoint) : ConnectionRole
{
    private IncomingConnection? _incoming;
    private SaslListener? _sasl;

    public override TimeSpan? HandshakeTimeout => options.HandshakeTimeout;

    public override bool AcceptSession(IIncomingSession session) => options.AcceptSession is not { } accept || accept(session);

    public override ISaslExchange CreateSasl(Connection connection) => _sasl = new SaslListener(connection.Loop, options.AuthenticatePlain);

    public override void OnOpened(Connection connection, in Open open)
    {
        var sasl = (SaslListener)connection.Sasl;
        connection.AwaitDecision();
        _incoming = new IncomingConnection(connection, open, sasl.Identity, sasl.Mechanism, remoteEndPoint);
        listener.Offer(_incoming);
    }

    public override void OnStopped()
    {
        _sasl?.Stop();
        if (_incoming is { } incoming)
        {
            incoming.OnEnded();
            listener.Withdraw(incoming);
        }

        listener.OnConnectionEnded();
    }
}
