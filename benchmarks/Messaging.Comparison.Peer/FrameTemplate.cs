using System.Buffers.Binary;

namespace Comparison.Peer;

/// <summary>A frame encoded once by the library with marker values; sending it again only overwrites the markers.</summary>
internal sealed class FrameTemplate(byte[] bytes)
{
    public byte[] Bytes { get; } = bytes;

    /// <summary>Where the big-endian marker stands in the encoded frame.</summary>
    public int OffsetOf(uint marker)
    {
        Span<byte> pattern = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(pattern, marker);
        int offset = Bytes.AsSpan().IndexOf(pattern);
        return offset >= 0 ? offset : throw new PeerException($"marker {marker:x8} is not in the encoded frame");
    }
}
