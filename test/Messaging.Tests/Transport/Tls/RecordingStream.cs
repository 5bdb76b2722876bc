using System.Buffers.Binary;

namespace Messaging.Tests.Transport.Tls;

/// <summary>Keeps every byte that comes in below TLS; can write something else in the place of what TLS writes second, which ends a client's handshake.</summary>
internal class RecordingStream(Stream inner, byte[]? secondWrite = null) : Stream
{
    private readonly MemoryStream _received = new();
    private int _writes;

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    /// <summary>The content type of the last TLS record (RFC 8446, 5.1).</summary>
    public byte TypeOfLastRecord()
    {
        ReadOnlySpan<byte> rest = _received.ToArray();
        byte type = 0;
        while (rest.Length >= 5)
        {
            type = rest[0];
            rest = rest[(5 + BinaryPrimitives.ReadUInt16BigEndian(rest[3..]))..];
        }

        return type;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read = await inner.ReadAsync(buffer, cancellationToken);
        _received.Write(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(++_writes == 2 && secondWrite is not null ? secondWrite : buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Sends a header and the first bytes of TLS in one write, without waiting for the answer to the header.</summary>
internal sealed class PipeliningStream(Stream inner, byte[] header) : RecordingStream(inner)
{
    private readonly Stream _inner = inner;
    private bool _isSent;
    private bool _isAnswered;

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        byte[] bytes = _isSent ? buffer.ToArray() : [.. header, .. buffer.Span];
        _isSent = true;
        return _inner.WriteAsync(bytes, cancellationToken);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!_isAnswered) await _inner.ReadExactlyAsync(new byte[header.Length], cancellationToken);
        _isAnswered = true;
        return await base.ReadAsync(buffer, cancellationToken);
    }
}
