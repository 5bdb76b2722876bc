using System.Buffers;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Engine;

/// <summary>
/// The body of one frame. The performative lies in <see cref="Performative"/>, contiguous; the payload behind it is cut from the input without copying.
/// </summary>
internal readonly ref struct FrameBody
{
    private readonly ReadOnlyMemory<byte> _memory;
    private readonly ReadOnlySequence<byte> _sequence;
    private readonly bool _isSequence;

    /// <summary>A body within one segment.</summary>
    public FrameBody(ReadOnlyMemory<byte> memory, ReadOnlySpan<byte> span)
    {
        _memory = memory;
        Performative = span;
    }

    /// <summary>A body over several segments, of which the part with the performative was copied.</summary>
    public FrameBody(in ReadOnlySequence<byte> sequence, ReadOnlySpan<byte> performative)
    {
        _sequence = sequence;
        _isSequence = true;
        Performative = performative;
    }

    /// <summary>At least the performative; the payload need not be here.</summary>
    public ReadOnlySpan<byte> Performative { get; }

    public ReadOnlySequence<byte> Payload(int offset) =>
        _isSequence ? _sequence.Slice(offset) : new ReadOnlySequence<byte>(_memory[offset..]);

    /// <summary>Which performative a body starts with, by its numeric or symbolic descriptor; 0 for a described value that is none.</summary>
    /// <exception cref="AmqpCodecException">The body is not a described value.</exception>
    public static ulong ReadCode(ReadOnlySpan<byte> body)
    {
        const byte Described = 0x00;
        const byte SmallULong = 0x53;
        if (body.Length >= 3 && body[0] == Described && body[1] == SmallULong)
        {
            return body[2];
        }

        AmqpReader reader = new(body);
        if (!reader.TryReadDescriptor(out Descriptor descriptor))
        {
            throw CodecErrors.Decode("The frame body is not a described value.");
        }

        return DescriptorNames.TryGetCode(in descriptor, out ulong code) ? code : 0;
    }

    /// <summary>
    /// How many bytes the performative takes, read from its list header; <see cref="long.MaxValue"/> when <paramref name="start"/>, the first bytes of a
    /// body, does not tell. Only a size to copy: the codec checks everything.
    /// </summary>
    public static long MeasurePerformative(ReadOnlySpan<byte> start)
    {
        const byte List0 = 0x45;
        const byte List8 = 0xc0;
        const byte List32 = 0xd0;
        AmqpReader reader = new(start);
        if (!reader.TryReadDescriptor(out _) || reader.Remaining < 5)
        {
            return long.MaxValue;
        }

        ReadOnlySpan<byte> list = start[reader.Position..];
        return list[0] switch
        {
            List0 => reader.Position + 1,
            List8 => reader.Position + 2 + list[1],
            List32 => reader.Position + 5L + System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(list[1..]),
            _ => long.MaxValue,
        };
    }
}
