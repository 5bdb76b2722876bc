using System.Buffers;

namespace Messaging.Amqp;

/// <summary>
/// Where encoded messages and frames get their memory: the shared pool for small buffers; for large ones stacks of our own.
/// The shared pool keeps a few dozen arrays of a size, while a thousand 64 KiB messages may be on their way: it would hand out
/// new ones all the time, on the large object heap.
/// </summary>
internal sealed class BufferPool : ArrayPool<byte>
{
    private const int LargestShared = 32 * 1024;
    private const int Step = 16 * 1024;
    private const int LargestKept = 1024 * 1024;
    private const long RetainedLimit = 32 * 1024 * 1024;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>?[] _stacks = new Stack<byte[]>?[(LargestKept / Step) + 1];
    private long _retained;

    private BufferPool()
    {
    }

    /// <summary>The one pool of the process: it keeps 32 MiB at the most.</summary>
    public static BufferPool Instance { get; } = new();

    public override byte[] Rent(int minimumLength)
    {
        if (minimumLength <= LargestShared)
            return ArrayPool<byte>.Shared.Rent(minimumLength);
        if (minimumLength > LargestKept)
            return GC.AllocateUninitializedArray<byte>(minimumLength);

        int index = (minimumLength + Step - 1) / Step;
        lock (_lock)
        {
            if (_stacks[index] is { Count: > 0 } stack)
            {
                _retained -= index * Step;
                return stack.Pop();
            }
        }

        return GC.AllocateUninitializedArray<byte>(index * Step);
    }

    public override void Return(byte[] array, bool clearArray = false)
    {
        if (array.Length <= LargestShared)
        {
            ArrayPool<byte>.Shared.Return(array, clearArray);
            return;
        }

        if (array.Length > LargestKept)
            return;
        lock (_lock)
        {
            if (_retained + array.Length > RetainedLimit)
                return;
            _retained += array.Length;
            (_stacks[array.Length / Step] ??= new Stack<byte[]>()).Push(array);
        }
    }
}
