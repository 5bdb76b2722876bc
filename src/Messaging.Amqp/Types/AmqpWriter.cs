using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Messaging.Amqp;

/// <summary>Writes AMQP 1.0 values (part 1, 1.6) into one contiguous, growing buffer rented from a pool.</summary>
/// <remarks>
/// Every method appends, in the shortest encoding that the type has. Not thread-safe. <see cref="Dispose"/> gives the buffer
/// back; after that every write throws <see cref="ObjectDisposedException"/>. Spans and memories taken from the writer are valid
/// until the next write, <see cref="Clear"/> or <see cref="Dispose"/>.
/// </remarks>
public sealed partial class AmqpWriter : IBufferWriter<byte>, IDisposable
{
    private byte[] _buffer;
    private int _position;
    private bool _disposed;

    /// <summary>Creates an empty writer.</summary>
    /// <param name="initialCapacity">Bytes to rent at first.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="initialCapacity"/> is negative.</exception>
    public AmqpWriter(int initialCapacity = 256)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCapacity);
        _buffer = BufferPool.Instance.Rent(initialCapacity);
    }

    /// <summary>Bytes written so far.</summary>
    public int Length => _position;

    /// <summary>What was written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _position);

    /// <summary>What was written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _position);

    /// <summary>Forgets what was written and keeps the buffer.</summary>
    public void Clear() => _position = 0;

    /// <summary>Gives the buffer back to the pool. Further calls do nothing.</summary>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        byte[] buffer = _buffer;
        _buffer = [];
        _position = 0;
        BufferPool.Instance.Return(buffer);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        if ((uint)count > (uint)(_buffer.Length - _position))
            throw new ArgumentOutOfRangeException(nameof(count), count, $"At most {_buffer.Length - _position} bytes were made available.");
        _position += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        Ensure(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_position);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        Ensure(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_position);
    }

    /// <summary>Appends bytes as they are; they are not checked to be a valid encoding.</summary>
    /// <param name="bytes">Anything, for example values that were encoded before.</param>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Appends room for bytes that the caller fills now, before it calls the writer again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Span<byte> Reserve(int count)
    {
        Ensure(count);
        Span<byte> room = _buffer.AsSpan(_position, count);
        _position += count;
        return room;
    }

    /// <summary>Overwrites 4 bytes that were written before, such as a frame's size.</summary>
    internal void PatchUInt32(int offset, uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(0, _position).Slice(offset, 4), value);

    /// <summary>Forgets what was written beyond a length.</summary>
    internal void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_position, nameof(length));
        _position = length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Ensure(int count)
    {
        if (_buffer.Length - _position < count)
            Grow(count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(long count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        long needed = _position + count;
        if (needed > Array.MaxLength)
            ThrowTooLarge(needed);

        byte[] bigger = BufferPool.Instance.Rent((int)Math.Clamp(_buffer.Length * 2L, needed, Array.MaxLength));
        WrittenSpan.CopyTo(bigger);
        byte[] old = _buffer;
        _buffer = bigger;
        BufferPool.Instance.Return(old);
    }

    [DoesNotReturn]
    private static void ThrowTooLarge(long needed) =>
        throw new InvalidOperationException($"The encoding would need {needed} bytes; one buffer holds at most {Array.MaxLength}. Send several messages or stream the payload.");
}
