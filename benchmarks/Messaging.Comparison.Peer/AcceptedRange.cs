using System.Buffers.Binary;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>Collects the deliveries of one session that are to be accepted, and answers them with one ranged disposition a turn.</summary>
internal sealed class AcceptedRange
{
    private const uint FirstMarker = 0xF1257F12;
    private const uint LastMarker = 0x1A571A57;

    private readonly FrameTemplate _template;
    private readonly int _firstOffset;
    private readonly int _lastOffset;
    private uint _first;
    private uint _next;

    public AcceptedRange(ushort channel)
    {
        using var writer = new AmqpWriter();
        FrameWriter.Write(writer, 0, channel, new Disposition
        {
            Role = true,
            First = FirstMarker,
            Last = LastMarker,
            Settled = true,
            State = Accepted.Instance,
        });
        _template = new FrameTemplate(writer.WrittenSpan.ToArray());
        _firstOffset = _template.OffsetOf(FirstMarker);
        _lastOffset = _template.OffsetOf(LastMarker);
    }

    public void Add(uint deliveryId, AmqpWriter output)
    {
        if (deliveryId != _next)
        {
            WriteTo(output);
            _first = deliveryId;
        }
        _next = deliveryId + 1;
    }

    public void WriteTo(AmqpWriter output)
    {
        if (_first == _next)
        {
            return;
        }
        Span<byte> frame = output.Reserve(_template.Bytes.Length);
        _template.Bytes.CopyTo(frame);
        BinaryPrimitives.WriteUInt32BigEndian(frame[_firstOffset..], _first);
        BinaryPrimitives.WriteUInt32BigEndian(frame[_lastOffset..], _next - 1);
        _first = _next;
    }
}
