using System.Buffers;

namespace Messaging;

/// <summary>One data section in the sequence of all of them.</summary>
internal sealed class DataSegment : ReadOnlySequenceSegment<byte>
{
    private DataSegment(ReadOnlyMemory<byte> memory, long runningIndex)
    {
        Memory = memory;
        RunningIndex = runningIndex;
    }

    /// <summary>The sections as one sequence.</summary>
    /// <param name="sections">One at least.</param>
    public static ReadOnlySequence<byte> Chain(ReadOnlySpan<ReadOnlyMemory<byte>> sections)
    {
        DataSegment first = new(sections[0], 0);
        DataSegment last = first;
        foreach (ReadOnlyMemory<byte> section in sections[1..])
        {
            DataSegment next = new(section, last.RunningIndex + last.Memory.Length);
            last.Next = next;
            last = next;
        }

        return new(first, 0, last, last.Memory.Length);
    }
}
