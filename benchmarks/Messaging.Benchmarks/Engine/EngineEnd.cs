using System.Buffers;
using Messaging.Amqp;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Benchmarks.Engine;

/// <summary>One of two engines that talk to each other without I/O. The listener agrees to everything; the receiver accepts every message.</summary>
internal sealed class EngineEnd : IEngineEvents
{
    public EngineEnd(bool isListener) =>
        Engine = new ConnectionEngine(new EngineSettings { ContainerId = isListener ? "listener" : "client", IsListener = isListener, UseSasl = false }, this);

    public ConnectionEngine Engine { get; }

    public SendingLink? Sender { get; private set; }

    public int Received { get; private set; }

    public int Settled { get; private set; }

    /// <summary>Hands what this end has written to the other; false when that was nothing.</summary>
    public bool PassTo(EngineEnd other)
    {
        if (Engine.Output.Length == 0)
        {
            return false;
        }
        other.Engine.Receive(new ReadOnlySequence<byte>(Engine.Output.WrittenMemory), now: 0);
        Engine.Output.Clear();
        return true;
    }

    public void OnOpened(in Open open)
    {
        if (Engine.Settings.IsListener)
        {
            Engine.Open();
        }
    }

    public void OnSessionRequested(Session session, in Begin begin) => session.Begin();

    public void OnLinkRequested(Link link, in Attach attach)
    {
        link.Accept(new Attach { Source = attach.Source, Target = attach.Target });
        Sender = link as SendingLink;
    }

    public void OnTransfer(ReceivingLink link, in IncomingTransfer transfer, in ReadOnlySequence<byte> payload)
    {
        if (!transfer.More)
        {
            Received++;
            link.Update(transfer.DeliveryId, Accepted.Instance, settled: true);
        }
    }

    public void OnUpdated(SendingLink link, OutgoingDelivery delivery, DeliveryState? state, bool settled) => Settled++;

    public void OnFailed(AmqpError error) => throw new InvalidOperationException(error.ToString());

    public void OnSaslMechanisms(Symbol[] offered) => throw new NotSupportedException();

    public void OnSaslInit(in SaslInit init) => throw new NotSupportedException();

    public void OnSaslResponse(ReadOnlySpan<byte> response) => throw new NotSupportedException();

    public void OnSaslChallenge(ReadOnlySpan<byte> challenge) => throw new NotSupportedException();

    public void OnSaslOutcome(byte code, ReadOnlyMemory<byte> additionalData) => throw new NotSupportedException();

    public void OnClosed(AmqpError? error)
    {
    }

    public void OnSessionBegun(Session session, in Begin begin)
    {
    }

    public void OnSessionEnded(Session session, AmqpError? error)
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
