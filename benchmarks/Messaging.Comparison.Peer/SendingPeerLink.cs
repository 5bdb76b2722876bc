using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>What our two kinds of senders share: the client's credit (AMQP 1.0 part 2, 2.6.7).</summary>
internal abstract class SendingPeerLink(PeerSession session, uint handle) : PeerLink(session, handle)
{
    private uint _deliveryCount;

    /// <summary>Messages that the client will take.</summary>
    protected uint Credit { get; private set; }

    public override void OnFlow(in Flow flow, AmqpWriter output)
    {
        // Serial-number arithmetic: the difference is small although the counters may have wrapped.
        Credit = (flow.DeliveryCount ?? 0) + (flow.LinkCredit ?? 0) - _deliveryCount;
        if (flow.Drain)
        {
            // Nothing more is on its way: the credit is used up at once, which ends a client's stream quickly.
            UseCredit(Credit);
        }
        if (flow.Drain || flow.Echo)
        {
            Session.WriteFlow(output, Handle, _deliveryCount, Credit, flow.Drain);
        }
    }

    protected void UseCredit(uint count)
    {
        _deliveryCount += count;
        Credit -= count;
    }
}
