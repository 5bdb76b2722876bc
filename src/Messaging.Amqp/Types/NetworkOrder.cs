using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Messaging.Amqp;

/// <summary>Copies numbers between the machine's byte order and the network's (part 1, 1.3), many at a time.</summary>
internal static class NetworkOrder
{
    public static void Copy16(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<byte, ushort>(destination));
        else
            source.CopyTo(destination);
    }

    public static void Copy32(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, uint>(source), MemoryMarshal.Cast<byte, uint>(destination));
        else
            source.CopyTo(destination);
    }

    public static void Copy64(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        if (BitConverter.IsLittleEndian)
            BinaryPrimitives.ReverseEndianness(MemoryMarshal.Cast<byte, ulong>(source), MemoryMarshal.Cast<byte, ulong>(destination));
        else
            source.CopyTo(destination);
    }
}
