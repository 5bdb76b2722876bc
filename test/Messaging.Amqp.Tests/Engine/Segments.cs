using System.Buffers;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Cuts bytes into sequences of several segments.</summary>
internal static class Segments
{
    public static ReadOnlySequence<byte> Single(byte[] bytes) => new(bytes);

    public static ReadOnlySequence<byte> Split(byte[] bytes, Func<int> nextLength)
    {
        Segment first = new(ReadOnlyMemory<byte>.Empty, 0);
        Segment last = first;
        int offset = 0;
        while (offset < bytes.Length)
        {
            int length = Math.Clamp(nextLength(), 1, bytes.Length - offset);
            last = last.Append(bytes.AsMemory(offset, length));
            offset += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, long index)
        {
            Memory = memory;
            RunningIndex = index;
        }

        public Segment Append(ReadOnlyMemory<byte> memory)
        {
            Segment next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
