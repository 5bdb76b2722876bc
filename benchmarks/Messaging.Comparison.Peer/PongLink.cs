using System.Buffers.Binary;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>Address <c>pong</c>: sends what arrives at <c>ping</c>. A message without credit is kept until there is some.</summary>
internal sealed class PongLink(PeerSession session, uint handle) : SendingPeerLink(session, handle)
{
    private readonly Queue<byte[]> _waiting = new();

    public void Send(ReadOnlySpan<byte> message, AmqpWriter output)
    {
        if (Credit == 0 || Session.OutgoingWindow == 0)
        {
            _waiting.Enqueue(message.ToArray());
            return;
        }
        Write(message, output);
    }

    public override void OnFlow(in Flow flow, AmqpWriter output)
    {
        base.OnFlow(in flow, output);
        while (Credit > 0 && Session.OutgoingWindow > 0 && _waiting.TryDequeue(out byte[]? message))
        {
            Write(message, output);
        }
    }

    private void Write(ReadOnlySpan<byte> message, AmqpWriter output)
    {
        if (message.Length > Session.MaxFrameSize - 64)
        {
            throw new PeerException("ping-pong is for messages of one frame");
        }
        uint deliveryId = Session.TakeDeliveries(1, frames: 1);
        UseCredit(1);
        Span<byte> tag = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(tag, deliveryId);
        var transfer = new Transfer
        {
            Handle = Handle,
            DeliveryId = deliveryId,
            DeliveryTag = tag,
            HasDeliveryTag = true,
            MessageFormat = 0,
            Settled = false,
        };
        FrameWriter.WriteTransfer(output, Session.Channel, in transfer, message);
    }
}
