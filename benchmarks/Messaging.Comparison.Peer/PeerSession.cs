using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>One session: the client's window for our transfers, our window for its transfers, and its links by handle.</summary>
internal sealed class PeerSession
{
    /// <summary>Frames that the client may send beyond the last flow; small enough to be plausible, large enough never to be waited for.</summary>
    private const uint IncomingWindow = 16 * 1024;

    private readonly List<PeerLink?> _links = [];
    private readonly AcceptedRange _accepted;
    private uint _nextIncomingId;
    private uint _nextOutgoingId;
    private uint _nextDeliveryId;

    public PeerSession(ushort channel, in Begin begin, uint maxFrameSize)
    {
        Channel = channel;
        MaxFrameSize = maxFrameSize;
        OutgoingWindow = begin.IncomingWindow;
        _nextIncomingId = begin.NextOutgoingId;
        _accepted = new AcceptedRange(channel);
    }

    public ushort Channel { get; }

    public uint MaxFrameSize { get; }

    /// <summary>Frames that the client will take (part 2, 2.5.6).</summary>
    public uint OutgoingWindow { get; private set; }

    /// <summary>Deliveries of ours that the client has not settled.</summary>
    public uint Unsettled { get; private set; }

    public PongLink? Pong { get; private set; }

    public void WriteBegin(AmqpWriter output) => FrameWriter.Write(output, 0, Channel, new Begin
    {
        RemoteChannel = Channel,
        NextOutgoingId = _nextOutgoingId,
        IncomingWindow = IncomingWindow,
        OutgoingWindow = IncomingWindow,
        HandleMax = 255,
    });

    public void Add(PeerLink link)
    {
        while (_links.Count <= link.Handle)
        {
            _links.Add(null);
        }
        _links[(int)link.Handle] = link;
        Pong = link as PongLink ?? Pong;
    }

    /// <summary>False: it was refused, and our detach is already written.</summary>
    public bool Remove(uint handle)
    {
        if (Link(handle) is not { } link)
        {
            return false;
        }
        Pong = ReferenceEquals(link, Pong) ? null : Pong;
        _links[(int)handle] = null;
        return true;
    }

    public void OnTransfer(ReadOnlySpan<byte> performative, AmqpWriter output)
    {
        var fields = new RawFields(performative);
        uint handle = fields.NextUInt() ?? throw new PeerException("transfer without a handle");
        uint? deliveryId = fields.NextUInt();
        fields.SkipBinary(); // delivery-tag
        fields.NextUInt(); // message-format
        bool settled = fields.NextBoolean();
        bool more = fields.NextBoolean();
        _nextIncomingId++;
        Link(handle)?.OnTransfer(deliveryId, settled, more, performative[fields.End..], output);
    }

    public void OnDisposition(ReadOnlySpan<byte> performative)
    {
        var fields = new RawFields(performative);
        bool fromReceiver = fields.NextBoolean();
        uint first = fields.NextUInt() ?? throw new PeerException("disposition without a first delivery");
        uint last = fields.NextUInt() ?? first;
        if (fromReceiver && fields.NextBoolean())
        {
            Unsettled -= last - first + 1;
        }
    }

    public void OnFlow(in Flow flow, AmqpWriter output)
    {
        OutgoingWindow = (flow.NextIncomingId ?? 0) + flow.IncomingWindow - _nextOutgoingId;
        if (flow.Handle is { } handle)
        {
            Link(handle)?.OnFlow(in flow, output);
        }
    }

    public void Accept(uint deliveryId, AmqpWriter output) => _accepted.Add(deliveryId, output);

    /// <summary>Takes the next delivery-ids and the frames for them from the window; returns the first id.</summary>
    public uint TakeDeliveries(uint count, uint frames)
    {
        uint first = _nextDeliveryId;
        _nextDeliveryId += count;
        _nextOutgoingId += frames;
        OutgoingWindow -= frames;
        Unsettled += count;
        return first;
    }

    public void WriteFlow(AmqpWriter output, uint handle, uint deliveryCount, uint credit, bool drain) =>
        FrameWriter.Write(output, 0, Channel, new Flow
        {
            NextIncomingId = _nextIncomingId,
            IncomingWindow = IncomingWindow,
            NextOutgoingId = _nextOutgoingId,
            OutgoingWindow = IncomingWindow,
            Handle = handle,
            DeliveryCount = deliveryCount,
            LinkCredit = credit,
            Drain = drain,
        });

    public void EndTurn(AmqpWriter output)
    {
        _accepted.WriteTo(output);
        foreach (PeerLink? link in _links)
        {
            link?.EndTurn(output);
        }
    }

    /// <summary>Writes what the links can send now; false when there is nothing (more).</summary>
    public bool SendBatches(PeerStream stream)
    {
        bool any = false;
        foreach (PeerLink? link in _links)
        {
            if (link is not null && link.NextBatch() is { IsEmpty: false } batch)
            {
                stream.Write(batch);
                any = true;
            }
        }
        return any;
    }

    // A frame may still be on its way to a link that has just been detached.
    private PeerLink? Link(uint handle) => handle < _links.Count ? _links[(int)handle] : null;
}
