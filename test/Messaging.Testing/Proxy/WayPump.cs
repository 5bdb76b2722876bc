using System.Net.Sockets;

namespace Messaging.Testing.Proxy;

/// <summary>Reads one side's bytes, recognises the frames in them, and passes them on with the faults that are due before and after each.</summary>
internal sealed class WayPump(ProxyConnection connection, ProxyWay way, Socket from, Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask> write)
{
    private byte[] _buffer = new byte[64 * 1024];
    private readonly List<FrameKind> _ended = [];
    private FrameKind _kind;
    private long _missing;

    /// <summary>Runs to the end of the stream.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await PumpAsync(stop);
        }
        finally
        {
            _buffer = []; // a proxy keeps its connections to the end, and there may be hundreds
        }
    }

    private async Task PumpAsync(CancellationToken stop)
    {
        int kept = 0;
        while (true)
        {
            int read = await from.ReceiveAsync(_buffer.AsMemory(kept), stop);
            if (read == 0)
                break;
            int count = kept + read;
            int passed = await PassFramesAsync(count, stop);
            kept = count - passed;
            _buffer.AsSpan(passed, kept).CopyTo(_buffer);
        }

        await way.PassAsync(_buffer.AsMemory(0, kept), write, stop);
    }

    /// <summary>Passes on everything whose kind can be told.</summary>
    private async ValueTask<int> PassFramesAsync(int count, CancellationToken stop)
    {
        int position = 0, start = 0;
        while (position < count)
        {
            if (_missing == 0)
            {
                if (!FrameScanner.TryRead(_buffer.AsSpan(position, count - position), out FrameKind kind, out long length))
                    break;
                (_kind, _missing) = (kind, length);
                start = await FireAsync(start, position, atStart: true, stop);
            }

            int passing = (int)Math.Min(_missing, count - position);
            position += passing;
            _missing -= passing;
            if (_missing == 0)
            {
                _ended.Add(_kind);
                start = await FireAsync(start, position, atStart: false, stop);
            }
        }

        await PassAsync(start, position, stop);
        return position;
    }

    /// <summary>Sets off what is due here, after everything before it has passed.</summary>
    private async ValueTask<int> FireAsync(int start, int position, bool atStart, CancellationToken stop)
    {
        List<FaultTrigger> due = way.Due(_kind, atStart);
        if (due.Count == 0)
            return start;
        await PassAsync(start, position, stop);
        foreach (FaultTrigger trigger in due)
            trigger.Fire(connection);
        return position;
    }

    private async ValueTask PassAsync(int start, int end, CancellationToken stop)
    {
        await way.PassAsync(_buffer.AsMemory(start, end - start), write, stop);
        foreach (FrameKind kind in _ended)
        {
            if (!way.IsSwallowing)
                way.Frames.Add(kind);
        }

        _ended.Clear();
    }
}
