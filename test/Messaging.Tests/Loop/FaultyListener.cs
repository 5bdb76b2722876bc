using System.Buffers;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;
using Messaging.Loop;

namespace Messaging.Tests.Loop;

/// <summary>What a loop serves, with faults: it throws when it is told of an end.</summary>
internal sealed class FaultyListener : ILoopListener
{
    public List<string> Told { get; } = [];

    public bool OnLineEnded(CloseReason reason)
    {
        Told.Add("line ended");
        throw new InvalidOperationException("fault at the end of a line");
    }

    public void OnStopped(CloseReason reason)
    {
        Told.Add("stopped");
        throw new InvalidOperationException("fault at the end");
    }

    public void OnFlushing()
    {
    }

    public void OnFlushed()
    {
    }

    public long CheckDeadlines(long now) => long.MaxValue;

    public void OnSaslMechanisms(Symbol[] offered)
    {
    }

    public void OnSaslInit(in SaslInit init)
    {
    }

    public void OnSaslResponse(ReadOnlySpan<byte> response)
    {
    }

    public void OnSaslChallenge(ReadOnlySpan<byte> challenge)
    {
    }

    public void OnSaslOutcome(byte code, ReadOnlyMemory<byte> additionalData)
    {
    }

    public void OnOpened(in Open open)
    {
    }

    public void OnClosed(AmqpError? error)
    {
    }

    public void OnFailed(AmqpError error)
    {
    }

    public void OnSessionRequested(Session session, in Begin begin)
    {
    }

    public void OnSessionBegun(Session session, in Begin begin)
    {
    }

    public void OnSessionEnded(Session session, AmqpError? error)
    {
    }

    public void OnLinkRequested(Link link, in Attach attach)
    {
    }

    public void OnAttached(Link link, in Attach attach)
    {
    }

    public void OnDetached(Link link, bool closed, AmqpError? error)
    {
    }

    public void OnFlow(SendingLink link)
    {
    }

    public void OnSent(SendingLink link, OutgoingDelivery delivery)
    {
    }

    public void OnUpdated(SendingLink link, OutgoingDelivery delivery, DeliveryState? state, bool settled)
    {
    }

    public void OnTransfer(ReceivingLink link, in IncomingTransfer transfer, in ReadOnlySequence<byte> payload)
    {
    }

    public void OnAborted(ReceivingLink link, uint deliveryId)
    {
    }

    public void OnRemoteSettled(ReceivingLink link, uint deliveryId, DeliveryState? state)
    {
    }

    public void OnDrained(ReceivingLink link)
    {
    }
}
