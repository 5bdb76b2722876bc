using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Comparison.Peer;

/// <summary>Everything that happens a few times per connection: headers, SASL, open, begin, attach, flow and their ends. All of it through the library's codec.</summary>
internal sealed class PeerHandshake
{
    /// <summary>The default of both clients, so that a 64 KiB message is two frames for each.</summary>
    public const uint MaxFrameSize = 64 * 1024;

    private const byte AmqpType = 0;
    private const byte SaslType = 1;

    private readonly List<PeerSession> _sessions = [];
    private uint _clientMaxFrameSize = MaxFrameSize;

    public bool ExpectsHeader { get; private set; } = true;

    public bool IsClosed { get; private set; }

    /// <summary>Milliseconds of silence after which we must send an empty frame; 0: never.</summary>
    public int HeartbeatInterval { get; private set; }

    public List<PeerSession> Sessions => _sessions;

    public PeerSession Session(ushort channel)
    {
        foreach (PeerSession session in _sessions)
        {
            if (session.Channel == channel)
            {
                return session;
            }
        }
        throw new PeerException($"no session on channel {channel}");
    }

    public void OnHeader(ReadOnlySpan<byte> header, AmqpWriter output)
    {
        ExpectsHeader = false;
        if (header.SequenceEqual(FrameWriter.SaslHeader))
        {
            output.WriteRaw(FrameWriter.SaslHeader);
            FrameWriter.Write(output, SaslType, 0, new SaslMechanisms { Mechanisms = ["ANONYMOUS"] });
        }
        else if (header.SequenceEqual(FrameWriter.AmqpHeader))
        {
            output.WriteRaw(FrameWriter.AmqpHeader);
        }
        else
        {
            throw new PeerException($"protocol header {Convert.ToHexString(header)}");
        }
    }

    public void OnFrame(ushort channel, ReadOnlySpan<byte> performative, AmqpWriter output)
    {
        var peek = new AmqpReader(performative);
        peek.TryReadDescriptor(out Descriptor descriptor);
        var reader = new AmqpReader(performative);
        switch (descriptor.Code)
        {
            case Codes.SaslInit:
                FrameWriter.Write(output, SaslType, 0, new SaslOutcome { Code = 0 });
                ExpectsHeader = true;
                break;
            case Codes.Open:
                OnOpen(Composite.Read<Open>(ref reader), output);
                break;
            case Codes.Begin:
                OnBegin(channel, Composite.Read<Begin>(ref reader), output);
                break;
            case Codes.Attach:
                PeerAttach.Answer(Session(channel), Composite.Read<Attach>(ref reader), output);
                break;
            case Codes.Flow:
                Session(channel).OnFlow(Composite.Read<Flow>(ref reader), output);
                break;
            case Codes.Detach:
                OnDetach(channel, Composite.Read<Detach>(ref reader), output);
                break;
            case Codes.End:
                _sessions.Remove(Session(channel));
                FrameWriter.Write(output, AmqpType, channel, default(End));
                break;
            case Codes.Close:
                FrameWriter.Write(output, AmqpType, 0, default(Close));
                IsClosed = true;
                break;
            default:
                throw new PeerException($"performative 0x{descriptor.Code:x2}");
        }
    }

    private void OnOpen(in Open open, AmqpWriter output)
    {
        _clientMaxFrameSize = Math.Min(open.MaxFrameSize ?? uint.MaxValue, MaxFrameSize);
        HeartbeatInterval = (int)(open.IdleTimeOut ?? 0) / 2;
        FrameWriter.Write(output, AmqpType, 0, new Open { ContainerId = "comparison-peer", MaxFrameSize = MaxFrameSize, ChannelMax = 255 });
    }

    private void OnBegin(ushort channel, in Begin begin, AmqpWriter output)
    {
        var session = new PeerSession(channel, in begin, _clientMaxFrameSize);
        _sessions.Add(session);
        session.WriteBegin(output);
    }

    private void OnDetach(ushort channel, in Detach detach, AmqpWriter output)
    {
        if (Session(channel).Remove(detach.Handle))
        {
            FrameWriter.Write(output, AmqpType, channel, new Detach { Handle = detach.Handle, Closed = detach.Closed });
        }
    }
}
