using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>Address <c>sink</c>: accepts everything, keeps nothing.</summary>
internal class SinkLink(PeerSession session, uint handle) : PeerLink(session, handle)
{
    /// <summary>Far more than the thousand that the benchmark has in flight, so that credit is never what it waits for.</summary>
    private const uint Credit = 8192;

    private const uint TopUpAt = Credit / 8;

    private uint _deliveryCount;
    private uint _unannounced;
    private uint _currentDelivery;

    public override void OnAttached(AmqpWriter output) => WriteFlow(output);

    public override void OnTransfer(uint? deliveryId, bool settled, bool more, ReadOnlySpan<byte> payload, AmqpWriter output)
    {
        _currentDelivery = deliveryId ?? _currentDelivery; // continuation frames may leave it out (part 2, 2.7.5)
        _unannounced++; // frames rather than messages: the session window counts them
        OnPayload(payload, more, output);
        if (more)
        {
            return;
        }
        _deliveryCount++;
        if (!settled)
        {
            Session.Accept(_currentDelivery, output);
        }
    }

    public override void OnFlow(in Flow flow, AmqpWriter output)
    {
        if (flow.Echo)
        {
            WriteFlow(output);
        }
    }

    public override void EndTurn(AmqpWriter output)
    {
        if (_unannounced >= TopUpAt)
        {
            WriteFlow(output);
        }
    }

    protected virtual void OnPayload(ReadOnlySpan<byte> payload, bool more, AmqpWriter output)
    {
    }

    private void WriteFlow(AmqpWriter output)
    {
        _unannounced = 0;
        Session.WriteFlow(output, Handle, _deliveryCount, Credit, drain: false);
    }
}
