using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;

namespace Messaging;

/// <summary>The payload of one incoming delivery in pooled memory: filled by the connection loop, then owned by one <see cref="Message"/>.</summary>
/// <remarks>Not thread-safe: one owner at a time. The owner ends it by exactly one call of <see cref="Return"/> or <see cref="Detach"/>, and then forgets it.</remarks>
internal sealed class PayloadBlock
{
    private const int MaxPooled = 1024;
    private static readonly ConcurrentQueue<PayloadBlock> Pool = new();
    private static int _pooled;

    private byte[]? _array;

    private PayloadBlock()
    {
    }

    /// <summary>The rented array: the payload is its first <see cref="Length"/> bytes.</summary>
    public byte[] Array => _array ?? throw new InvalidOperationException("The payload block was given back.");

    /// <summary>Bytes in use.</summary>
    public int Length { get; private set; }

    /// <summary>The payload.</summary>
    public ReadOnlySpan<byte> Span => Array.AsSpan(0, Length);

    /// <summary>An empty block.</summary>
    /// <param name="capacity">What the first frame carries, in bytes: never a number that the peer only announced.</param>
    public static PayloadBlock Rent(int capacity)
    {
        if (Pool.TryDequeue(out PayloadBlock? block))
            Interlocked.Decrement(ref _pooled);
        else
            block = new PayloadBlock();
        block._array = ArrayPool<byte>.Shared.Rent(Math.Max(capacity, 1));
        block.Length = 0;
        return block;
    }

    /// <summary>Appends the payload of one frame; grows by doubling, so that assembling n bytes copies fewer than 2n.</summary>
    /// <param name="bytes">The frame's payload.</param>
    /// <param name="limit">The most bytes that the block may hold in the end (max-message-size, AMQP 1.0 part 2, 2.7.3).</param>
    /// <returns>False when the limit would be exceeded; nothing was appended then.</returns>
    public bool TryAppend(in ReadOnlySequence<byte> bytes, ulong limit)
    {
        long total = Length + bytes.Length;
        if ((ulong)total > Math.Min(limit, (ulong)System.Array.MaxLength))
            return false;
        if (total > Array.Length)
            Grow((int)total);
        bytes.CopyTo(Array.AsSpan(Length));
        Length = (int)total;
        return true;
    }

    /// <summary>Gives the memory back to the pool: nobody may hold a reference to it any more.</summary>
    public void Return()
    {
        byte[] array = Take();
        Poison(array);
        ArrayPool<byte>.Shared.Return(array);
    }

    /// <summary>Takes the memory out of the pool's hands: the array is left to the garbage collector.</summary>
    public byte[] Detach() => Take();

    private byte[] Take()
    {
        byte[] array = Interlocked.Exchange(ref _array, null) ?? throw new InvalidOperationException("The payload block was given back twice.");
        if (Interlocked.Increment(ref _pooled) <= MaxPooled)
            Pool.Enqueue(this);
        else
            Interlocked.Decrement(ref _pooled);
        return array;
    }

    private void Grow(int needed)
    {
        byte[] old = Array;
        int doubled = (int)Math.Min((uint)old.Length * 2, (uint)System.Array.MaxLength);
        byte[] grown = ArrayPool<byte>.Shared.Rent(Math.Max(needed, doubled));
        Span.CopyTo(grown);
        _array = grown;
        Poison(old);
        ArrayPool<byte>.Shared.Return(old);
    }

    // Makes a use after return visible in debug builds and tests.
    [Conditional("DEBUG")]
    private static void Poison(byte[] array) => array.AsSpan().Fill(0xDD);
}
