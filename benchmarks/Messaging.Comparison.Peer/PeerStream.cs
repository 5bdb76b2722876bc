using System.Net.Sockets;

namespace Comparison.Peer;

/// <summary>The socket with its two buffers. Reads as much as there is, writes once a turn.</summary>
internal sealed class PeerStream(Socket socket) : IDisposable
{
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(1024 * 1024, pinned: true);
    private int _start;
    private int _end;

    /// <summary>What has been read and not yet consumed.</summary>
    public ReadOnlySpan<byte> Input => _input.AsSpan(_start, _end - _start);

    public bool HasMoreToRead => socket.Available > 0;

    public void Consume(int count) => _start += count;

    /// <summary>Blocks until something arrives. False: the client has closed its side.</summary>
    public bool Read()
    {
        MakeRoom();
        int count = socket.Receive(_input.AsSpan(_end));
        _end += count;
        return count > 0;
    }

    /// <summary>Like <see cref="Read"/>, but null after so many milliseconds without a byte.</summary>
    public bool? Read(int timeout) => socket.Poll(TimeSpan.FromMilliseconds(timeout), SelectMode.SelectRead) ? Read() : null;

    public void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            data = data[socket.Send(data)..];
        }
    }

    public void Dispose() => socket.Dispose();

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
