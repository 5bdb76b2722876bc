using System.Buffers.Binary;

namespace Comparison.Peer;

/// <summary>
/// Address <c>source/SIZE</c>: endless messages whose data section has that many bytes, as fast as the client's credit,
/// session window and settlements allow. The batch stands encoded in memory; only delivery-ids and tags are written anew.
/// </summary>
internal sealed class SourceLink : SendingPeerLink
{
    private const int BatchBytes = 256 * 1024;

    /// <summary>The client must settle what it takes: with so many unsettled the source waits, whatever credit there is.</summary>
    private const uint MaxUnsettled = 16 * 1024;

    private readonly MessageTemplate _template;
    private readonly byte[] _batch;
    private readonly uint _capacity;

    public SourceLink(PeerSession session, uint handle, int bodySize)
        : base(session, handle)
    {
        _template = MessageTemplate.Create(session.Channel, handle, bodySize, session.MaxFrameSize);
        _capacity = (uint)Math.Max(1, BatchBytes / _template.Bytes.Length);
        _batch = GC.AllocateUninitializedArray<byte>((int)_capacity * _template.Bytes.Length, pinned: true);
        for (int i = 0; i < _capacity; i++)
        {
            _template.Bytes.CopyTo(_batch, i * _template.Bytes.Length);
        }
    }

    public override ReadOnlySpan<byte> NextBatch()
    {
        uint windowed = Session.OutgoingWindow / (uint)_template.Frames;
        uint unsettled = Session.Unsettled;
        uint room = unsettled < MaxUnsettled ? MaxUnsettled - unsettled : 0;
        uint count = Math.Min(Math.Min(Credit, windowed), Math.Min(room, _capacity));
        if (count == 0)
        {
            return default;
        }
        uint deliveryId = Session.TakeDeliveries(count, count * (uint)_template.Frames);
        UseCredit(count);
        Number(deliveryId, count);
        return _batch.AsSpan(0, (int)count * _template.Bytes.Length);
    }

    private void Number(uint deliveryId, uint count)
    {
        Span<byte> rest = _batch;
        for (uint i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(rest[_template.IdOffset..], deliveryId + i);
            BinaryPrimitives.WriteUInt32BigEndian(rest[_template.TagOffset..], deliveryId + i);
            rest = rest[_template.Bytes.Length..];
        }
    }
}
