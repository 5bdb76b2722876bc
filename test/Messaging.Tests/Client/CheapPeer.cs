using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Transport;

namespace Messaging.Tests.Client;

/// <summary>The other end of one link that allocates next to nothing: it accepts what is sent to it, and sends what it is given credit for.</summary>
internal sealed class CheapPeer(ITransport transport)
{
    private const uint FirstId = 0x0102_0304; // as wide as all that follow
    private const int Most = 256;

    private static readonly byte[] Pattern = [1, 2, 3, 4];

    /// <summary>disposition(role=receiver, first, last, settled, accepted) with wide numbers.</summary>
    private readonly byte[] _disposition = [0, 0, 0, 31, 2, 0, 0, 0, 0, 0x53, 0x15, 0xC0, 17, 5, 0x41, 0x70, 0, 0, 0, 0, 0x70, 0, 0, 0, 0, 0x41, 0, 0x53, 0x24, 0x45];
    private uint _accepted;
    private uint _sent;
    private uint _limit;

    /// <summary>Accepts every transfer, all those of one read with one disposition. The ids begin at 0.</summary>
    public async Task AcceptAllAsync(CancellationToken stop)
    {
        _disposition[3] = (byte)_disposition.Length;
        _disposition[12] = (byte)(_disposition.Length - 13);
        while (true)
        {
            ReadResult result = await transport.Input.ReadAsync(stop).ConfigureAwait(false);
            uint before = _accepted;
            transport.Input.AdvanceTo(Take(result.Buffer), result.Buffer.End);
            if (_accepted == before)
                continue;
            BinaryPrimitives.WriteUInt32BigEndian(_disposition.AsSpan(16), before);
            BinaryPrimitives.WriteUInt32BigEndian(_disposition.AsSpan(21), _accepted - 1);
            await transport.Output.WriteAsync(_disposition, stop).ConfigureAwait(false);
        }
    }

    /// <summary>Sends as many messages as the receiver gives credit for.</summary>
    public async Task SendAllAsync(byte[] payload, CancellationToken stop)
    {
        byte[] frame = RawPeer.TransferFrame(FirstId, payload, tag: Pattern);
        int id = frame.AsSpan().IndexOf(Pattern);
        int tag = id + 4 + frame.AsSpan(id + 4).IndexOf(Pattern);
        byte[] frames = [.. Enumerable.Repeat(frame, Most).SelectMany(bytes => bytes)];
        while (true)
        {
            ReadResult result = await transport.Input.ReadAsync(stop).ConfigureAwait(false);
            transport.Input.AdvanceTo(Take(result.Buffer), result.Buffer.End);
            while (_sent < _limit)
            {
                int count = (int)Math.Min(_limit - _sent, Most);
                for (int i = 0; i < count; i++)
                {
                    BinaryPrimitives.WriteUInt32BigEndian(frames.AsSpan((i * frame.Length) + id), FirstId + _sent);
                    BinaryPrimitives.WriteUInt32BigEndian(frames.AsSpan((i * frame.Length) + tag), _sent);
                    _sent++;
                }

                await transport.Output.WriteAsync(frames.AsMemory(0, count * frame.Length), stop).ConfigureAwait(false);
            }
        }
    }

    private SequencePosition Take(ReadOnlySequence<byte> buffer)
    {
        Span<byte> start = stackalloc byte[FrameHeader.Length + 3];
        Span<byte> body = stackalloc byte[256];
        while (buffer.Length >= start.Length)
        {
            buffer.Slice(0, start.Length).CopyTo(start);
            _ = FrameHeader.TryRead(start, out FrameHeader header);
            if (buffer.Length < header.Size)
                break;
            if (start[^1] == (byte)Codes.Transfer)
                _accepted++;
            else if (start[^1] == (byte)Codes.Flow)
                TakeFlow(buffer.Slice(header.BodyOffset, header.Size - header.BodyOffset), body);
            buffer = buffer.Slice(header.Size);
        }

        return buffer.Start;
    }

    private void TakeFlow(in ReadOnlySequence<byte> bytes, Span<byte> body)
    {
        bytes.CopyTo(body);
        AmqpReader reader = new(body[..(int)bytes.Length]);
        Flow flow = Composite.Read<Flow>(ref reader);
        if (flow.LinkCredit is { } credit)
            _limit = (flow.DeliveryCount ?? 0) + credit;
    }
}
