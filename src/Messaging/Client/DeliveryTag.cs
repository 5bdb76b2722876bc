using System.Buffers.Binary;

namespace Messaging.Client;

/// <summary>A delivery tag of up to 32 bytes, kept without an allocation when it has at most 8, as nearly all have.</summary>
internal readonly struct DeliveryTag
{
    private readonly ulong _bits;
    private readonly byte[]? _long;
    private readonly byte _length;

    public DeliveryTag(ReadOnlySpan<byte> tag)
    {
        _length = (byte)tag.Length;
        if (tag.Length > sizeof(ulong))
        {
            _long = tag.ToArray();
            return;
        }

        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        padded.Clear();
        tag.CopyTo(padded);
        _bits = BinaryPrimitives.ReadUInt64LittleEndian(padded);
    }

    public byte[] ToArray()
    {
        if (_long is not null)
            return _long;
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(padded, _bits);
        return padded[.._length].ToArray();
    }
}
