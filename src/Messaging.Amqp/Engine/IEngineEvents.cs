using System.Buffers;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>
/// What an engine tells its owner. Called synchronously from <see cref="ConnectionEngine.Receive"/>, <see cref="ConnectionEngine.Tick"/>,
/// <see cref="ConnectionEngine.PumpSends"/>, <see cref="ConnectionEngine.EndOfInput"/>, <see cref="Session.Begin"/> (early attaches) and <see cref="Link.Accept"/> (an early flow); every method of
/// the engine except <see cref="ConnectionEngine.Receive"/> and <see cref="ConnectionEngine.PumpSends"/> may be called from an event.
/// Spans and sequences are valid only during the call.
/// </summary>
internal interface IEngineEvents
{
    /// <summary>Client: the server's offer. Answer with <see cref="ConnectionEngine.SaslInit"/>, now or later, or give up with <see cref="ConnectionEngine.Close"/>.</summary>
    void OnSaslMechanisms(Symbol[] offered);

    /// <summary>Listener: the client's choice, always one of those offered. Answer with a challenge or an outcome, now or later; until then input is paused.</summary>
    void OnSaslInit(in SaslInit init);

    /// <summary>Listener: answer with a challenge or an outcome, now or later; until then input is paused.</summary>
    void OnSaslResponse(ReadOnlySpan<byte> response);

    /// <summary>Client: answer with <see cref="ConnectionEngine.SaslResponse"/>, now or later.</summary>
    void OnSaslChallenge(ReadOnlySpan<byte> challenge);

    /// <summary>
    /// Client: the end of SASL. With code 0 the engine goes on by itself (AMQP header and open) unless the owner calls
    /// <see cref="ConnectionEngine.Close"/> from this event (a server signature that does not verify). With another code the engine is closed; no other event follows.
    /// </summary>
    void OnSaslOutcome(byte code, ReadOnlyMemory<byte> additionalData);

    /// <summary>The peer's open. A listener answers with <see cref="ConnectionEngine.Open"/> or <see cref="ConnectionEngine.Refuse"/>, now or later; until then input is paused.</summary>
    void OnOpened(in Open open);

    /// <summary>The peer's close; ours has been written. The last event.</summary>
    void OnClosed(AmqpError? error);

    /// <summary>A violation by the peer, an idle time-out or a header mismatch: our close with this error has been written where the protocol allows one. The last event.</summary>
    void OnFailed(AmqpError error);

    /// <summary>The peer began a session. Answer with <see cref="Session.Begin"/> or <see cref="Session.Refuse"/>, now or later.</summary>
    void OnSessionRequested(Session session, in Begin begin);

    /// <summary>The peer's answer to our begin.</summary>
    void OnSessionBegun(Session session, in Begin begin);

    /// <summary>Once per session (never after <see cref="Session.Refuse"/>): the peer's end (first, or in answer to ours), or a violation on it (we wrote end with this error). All its links are gone; no link event follows.</summary>
    void OnSessionEnded(Session session, AmqpError? error);

    /// <summary>The peer attached. <paramref name="link"/> is our end: a <see cref="ReceivingLink"/> for a sending peer. Answer with <see cref="Link.Accept"/> or <see cref="Link.Refuse"/>, now or later.</summary>
    void OnLinkRequested(Link link, in Attach attach);

    /// <summary>The peer's answer to our attach. With <see cref="Link.IsRefused"/> a detach follows (2.6.3): not yet a success.</summary>
    void OnAttached(Link link, in Attach attach);

    /// <summary>Once per link (never after <see cref="Link.Refuse"/>): the peer's detach (the engine has answered it), the peer's answer to our detach, or a violation on the link (we wrote detach with this error).</summary>
    void OnDetached(Link link, bool closed, AmqpError? error);

    /// <summary>The receiver's flow: <see cref="SendingLink.Credit"/> or <see cref="SendingLink.Drain"/> may have changed. An echo is answered by the engine.</summary>
    void OnFlow(SendingLink link);

    /// <summary>The delivery's last frame is in the output. The end of a pre-settled delivery.</summary>
    void OnSent(SendingLink link, OutgoingDelivery delivery);

    /// <summary>The receiver's disposition. With <paramref name="settled"/> the engine has forgotten the delivery (if frames of it were still to come, it is aborted); otherwise answer a terminal state with <see cref="SendingLink.Settle"/>.</summary>
    void OnUpdated(SendingLink link, OutgoingDelivery delivery, DeliveryState? state, bool settled);

    /// <summary>One frame of a delivery.</summary>
    void OnTransfer(ReceivingLink link, in IncomingTransfer transfer, in ReadOnlySequence<byte> payload);

    /// <summary>The sender aborted a delivery (2.6.14); it used up its credit. Comes without an earlier <see cref="OnTransfer"/> when the first frame was the aborting one.</summary>
    void OnAborted(ReceivingLink link, uint deliveryId);

    /// <summary>The sender settled a delivery that we had not settled; the engine has forgotten it. Also for a delivery whose frames are still to come.</summary>
    void OnRemoteSettled(ReceivingLink link, uint deliveryId, DeliveryState? state);

    /// <summary>The sender used up or gave back the credit of a drain; <see cref="ReceivingLink.Credit"/> is 0.</summary>
    void OnDrained(ReceivingLink link);
}
