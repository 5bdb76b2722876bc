namespace Messaging.Testing.Proxy;

/// <summary>One way of a proxied connection: what the client sends, or what the server sends. Safe for use by any thread.</summary>
public sealed class ProxyWay
{
    private readonly Lock _lock = new();
    private readonly ProxyConnection _connection;
    private readonly TimeProvider _time;
    private readonly List<FaultTrigger> _triggers = [];
    private readonly List<(long Offset, byte Mask)> _corruptions = [];
    private TaskCompletionSource? _held;
    private bool _isSwallowing;
    private long _bytes;
    private int _piece;

    internal ProxyWay(ProxyConnection connection, string name, FrameCounts all, TimeProvider time)
    {
        _connection = connection;
        _time = time;
        Frames = new FrameCounts(name, all);
    }

    /// <summary>The frames that have passed.</summary>
    public FrameCounts Frames { get; }

    /// <summary>The bytes that have passed (or were swallowed).</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>The pieces in which the bytes were handed on.</summary>
    public int Writes { get; private set; }

    /// <summary>How long everything is kept back, on the proxy's clock.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>The most that passes in a second of the proxy's clock; 0 for no limit.</summary>
    public int BytesPerSecond { get; set; }

    /// <summary>The sizes of the pieces in which bytes are handed on, over and over; empty to leave them as they come.</summary>
    public IReadOnlyList<int> Pieces { get; set; } = [];

    /// <summary>Stops passing bytes on, and reading them: the sender feels a full network. Nothing is lost.</summary>
    public void Hold()
    {
        lock (_lock)
            _held ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Passes on again after <see cref="Hold"/>.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _held?.TrySetResult();
            _held = null;
        }
    }

    /// <summary>Takes bytes and passes nothing on from now on, the end of the stream included: a black hole.</summary>
    public void Swallow() => Volatile.Write(ref _isSwallowing, true);

    /// <summary>Ends this way in order (FIN) and swallows what still comes; the other way goes on.</summary>
    public void Finish()
    {
        _connection.FinishWay(this);
        Swallow();
    }

    /// <summary>Flips bits of the byte at an offset of this way's stream.</summary>
    public void Corrupt(long offset, byte mask = 0xFF)
    {
        lock (_lock)
            _corruptions.Add((offset, mask));
    }

    /// <summary>Does something just before the first byte of the count-th frame of a kind, counted from now.</summary>
    /// <returns>Completes when it was done; is cancelled when the connection ends before.</returns>
    public Task Before(FrameKind frame, int count, Action<ProxyConnection> fault) => Arm(new FaultTrigger(frame, count, before: true, fault));

    /// <summary>Does something right after the last byte of the count-th frame of a kind, counted from now.</summary>
    /// <returns>Completes when it was done; is cancelled when the connection ends before.</returns>
    public Task After(FrameKind frame, int count, Action<ProxyConnection> fault) => Arm(new FaultTrigger(frame, count, before: false, fault));

    /// <summary>The faults that are due before (or after) this frame.</summary>
    internal List<FaultTrigger> Due(FrameKind frame, bool atStart)
    {
        lock (_lock)
        {
            if (_triggers.Count == 0)
                return [];
            List<FaultTrigger> due = [.. _triggers.Where(trigger => trigger.Matches(frame, atStart))];
            _triggers.RemoveAll(due.Contains);
            return due;
        }
    }

    /// <summary>Hands bytes on as the faults of the moment want it.</summary>
    internal async ValueTask PassAsync(Memory<byte> bytes, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write, CancellationToken stop)
    {
        Spoil(bytes.Span);
        if (!bytes.IsEmpty && Delay > TimeSpan.Zero)
            await _time.PassAsync(Delay, stop);
        for (int start = 0; start < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - start, NextPiece());
            if (Volatile.Read(ref _held) is { } held)
                await held.Task.WaitAsync(stop);
            if (!Volatile.Read(ref _isSwallowing))
                await write(bytes.Slice(start, length), stop);
            Writes++;
            start += length;
            Interlocked.Add(ref _bytes, length);
            if (BytesPerSecond > 0)
                await _time.PassAsync(TimeSpan.FromSeconds((double)length / BytesPerSecond), stop);
        }
    }

    internal bool IsSwallowing => Volatile.Read(ref _isSwallowing);

    internal void Abandon()
    {
        lock (_lock)
        {
            foreach (FaultTrigger trigger in _triggers)
                trigger.Abandon();
            _triggers.Clear();
        }
    }

    private Task Arm(FaultTrigger trigger)
    {
        lock (_lock)
            _triggers.Add(trigger);
        return trigger.Fired;
    }

    private int NextPiece()
    {
        if (Pieces.Count > 0)
            return Math.Max(1, Pieces[_piece++ % Pieces.Count]);
        return BytesPerSecond > 0 ? Math.Max(1, BytesPerSecond / 20) : int.MaxValue;
    }

    private void Spoil(Span<byte> bytes)
    {
        lock (_lock)
        {
            foreach ((long offset, byte mask) in _corruptions)
            {
                if (offset >= _bytes && offset < _bytes + bytes.Length)
                    bytes[(int)(offset - _bytes)] ^= mask;
            }
        }
    }
}
