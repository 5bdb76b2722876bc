using System.Diagnostics;
using System.Net.Sockets;

namespace Comparison.Peer;

/// <summary>The socket with its two buffers. Reads as much as there is, writes once a turn.</summary>
internal sealed class PeerStream(Socket socket) : IDisposable
{
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(1024 * 1024, pinned: true);
    private int _start;
    private int _end;
    private int _lastCount;

    /// <summary>What has been read and not yet consumed.</summary>
    public ReadOnlySpan<byte> Input => _input.AsSpan(_start, _end - _start);

    /// <summary>
    /// How long to look for input before blocking. A thread that blocks lets its core sleep, and a core takes longer to wake than a client
    /// takes for a message: with one message under way, that would be most of what is measured.
    /// </summary>
    private static readonly TimeSpan LookTime = TimeSpan.FromMicroseconds(100);

    /// <summary>Whoever sends more than this at a time has many messages under way, and is better served when more of them have gathered.</summary>
    private const int LookBytes = 4 * 1024;

    public bool HasMoreToRead => socket.Available > 0;

    public void Consume(int count) => _start += count;

    /// <summary>Blocks until something arrives. False: the client has closed its side.</summary>
    public bool Read()
    {
        MakeRoom();
        LookForInput();
        _lastCount = socket.Receive(_input.AsSpan(_end));
        _end += _lastCount;
        return _lastCount > 0;
    }

    /// <summary>Like <see cref="Read"/>, but null after so many milliseconds without a byte.</summary>
    public bool? Read(int timeout) => LookForInput() || socket.Poll(TimeSpan.FromMilliseconds(timeout), SelectMode.SelectRead) ? Read() : null;

    public void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[socket.Send(data)..];
        }
    }

    public void Dispose() => socket.Dispose();

    /// <summary>Gives its core to whoever else wants it: with one for both, that is the client.</summary>
    private bool LookForInput()
    {
        long start = Stopwatch.GetTimestamp();
        while (!HasMoreToRead)
        {
            if (_lastCount > LookBytes || Stopwatch.GetElapsedTime(start) > LookTime)
            {
                return false;
            }
            Thread.Yield();
        }
        return true;
    }

    private void MakeRoom()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_input.Length - _end < _input.Length / 2)
        {
            Input.CopyTo(_input);
            _end -= _start;
            _start = 0;
        }
    }
}
