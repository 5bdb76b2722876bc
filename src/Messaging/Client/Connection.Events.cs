using System.Buffers;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;
using Messaging.Security;

namespace Messaging.Client;

/// <summary>Passes the engine's events on to the session, link or SASL exchange that they concern. Everything here runs on the loop.</summary>
internal sealed partial class Connection
{
    private readonly IncomingLinks _incomingLinks;

    /// <summary>The SASL exchange of this side.</summary>
    public ISaslExchange Sasl { get; private set; } = null!;

    /// <summary>Shows an incoming link to the application. Runs on the loop.</summary>
    public void Offer(IncomingLink link) => _incomingLinks.Offer(link);

    /// <summary>Takes an incoming link out of those to be decided.</summary>
    /// <returns>Whether it was still there.</returns>
    public bool Forget(IncomingLink link) => _incomingLinks.Remove(link);

    /// <summary>A session has ended: its incoming links cannot be decided about any more.</summary>
    public void ForgetLinksOf(SessionEndpoint session) => _incomingLinks.RemoveAll(session);

    void IEngineEvents.OnSaslMechanisms(Symbol[] offered) => Sasl.OnMechanisms(offered);

    void IEngineEvents.OnSaslInit(in SaslInit init) => Sasl.OnInit(init);

    void IEngineEvents.OnSaslResponse(ReadOnlySpan<byte> response) => Sasl.OnResponse(response);

    void IEngineEvents.OnSaslChallenge(ReadOnlySpan<byte> challenge) => Sasl.OnChallenge(challenge);

    void IEngineEvents.OnSaslOutcome(byte code, ReadOnlyMemory<byte> additionalData) => Sasl.OnOutcome(code, additionalData);

    void IEngineEvents.OnSessionRequested(Session session, in Begin begin)
    {
        var endpoint = new SessionEndpoint(this) { Engine = session, IsAdopted = true };
        if (Decide(new IncomingSession(this, begin)) is { } refusal)
        {
            session.Refuse(refusal);
            return;
        }

        session.Owner = endpoint;
        Sessions.Add(endpoint);
        session.Begin();
        endpoint.OnBegun();
    }

    /// <summary>The application's own code runs here: what it throws is its refusal, not the end of the connection.</summary>
    private AmqpError? Decide(IncomingSession session)
    {
        try
        {
            return _role!.AcceptSession(session) ? null : new AmqpError(ErrorCondition.NotAllowed, "the session was refused");
        }
        catch (Exception exception)
        {
            LoopLog.AcceptSessionFailed(Loop.Settings.Logger, Loop.Settings.Name, exception);
            return new AmqpError(ErrorCondition.InternalError, "the session could not be decided about");
        }
    }

    void IEngineEvents.OnSessionBegun(Session session, in Begin begin) => (session.Owner as SessionEndpoint)?.OnBegun();

    void IEngineEvents.OnSessionEnded(Session session, AmqpError? error) => (session.Owner as SessionEndpoint)?.OnEnded(error);

    void IEngineEvents.OnLinkRequested(Link link, in Attach attach)
    {
        if (link.Session.Owner is not SessionEndpoint session)
            return;
        if (attach.Target is Coordinator)
        {
            link.Refuse(new AmqpError(ErrorCondition.NotImplemented, "transactions are not supported"));
            return;
        }

        var incoming = new IncomingLink(session, link, attach) { Deadline = Loop.Clock.DeadlineIn(Loop.Settings.DecisionTimeout) };
        link.Owner = incoming;
        _incomingLinks.Add(incoming);
        _role!.OnLinkRequested(this, incoming);
    }

    void IEngineEvents.OnAttached(Link link, in Attach attach) => (link.Owner as LinkEndpoint)?.OnAttached(attach);

    void IEngineEvents.OnDetached(Link link, bool closed, AmqpError? error)
    {
        if (link.Owner is LinkEndpoint endpoint)
            endpoint.OnDetached(closed, error);
        else if (link.Owner is IncomingLink incoming)
            _incomingLinks.Remove(incoming);
    }

    void IEngineEvents.OnFlow(SendingLink link) => (link.Owner as Sender)?.OnFlow();

    void IEngineEvents.OnSent(SendingLink link, OutgoingDelivery delivery) => (link.Owner as Sender)?.OnSent(delivery);

    void IEngineEvents.OnUpdated(SendingLink link, OutgoingDelivery delivery, DeliveryState? state, bool settled) =>
        (link.Owner as Sender)?.OnUpdated((OutgoingSend)delivery, state, settled);

    void IEngineEvents.OnTransfer(ReceivingLink link, in IncomingTransfer transfer, in ReadOnlySequence<byte> payload) =>
        (link.Owner as Receiver)?.OnTransfer(transfer, payload);

    void IEngineEvents.OnAborted(ReceivingLink link, uint deliveryId) => (link.Owner as Receiver)?.OnAborted();

    void IEngineEvents.OnRemoteSettled(ReceivingLink link, uint deliveryId, DeliveryState? state) => (link.Owner as Receiver)?.OnRemoteSettled(deliveryId);

    void IEngineEvents.OnDrained(ReceivingLink link) => (link.Owner as Receiver)?.OnDrained();
}
