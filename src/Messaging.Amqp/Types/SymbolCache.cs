using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Messaging.Amqp;

/// <summary>Gives one string for the same short symbol, so that decoding the usual names (mechanisms, conditions, capabilities) allocates nothing.</summary>
/// <remarks>
/// Part 1, 1.6.21 expects few distinct symbols. A direct-mapped table: a new name replaces the one in its slot, so a hostile peer
/// can evict but never grow it. Races are benign: a slot holds one immutable string or another.
/// </remarks>
internal static class SymbolCache
{
    private const int Slots = 512;
    private const int LongestCached = 64;
    private static readonly string?[] Table = new string?[Slots];

    /// <summary>The symbol with these ASCII bytes; the caller has checked that they are ASCII.</summary>
    public static Symbol Get(ReadOnlySpan<byte> ascii)
    {
        if (ascii.IsEmpty)
            return default;
        if (ascii.Length > LongestCached)
            return Symbol.FromAscii(Encoding.ASCII.GetString(ascii));

        ref string? slot = ref Table[Hash(ascii) & (Slots - 1)];
        string? cached = slot;
        if (cached is null || !Ascii.Equals(ascii, cached))
            slot = cached = Encoding.ASCII.GetString(ascii);
        return Symbol.FromAscii(cached);
    }

    // The first, middle and last 8 bytes tell the standard's names apart; a collision costs a string, nothing else.
    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = (ulong)bytes.Length;
        if (bytes.Length >= sizeof(ulong))
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes[((bytes.Length - sizeof(ulong)) / 2)..]));
            hash = Mix(hash, BinaryPrimitives.ReadUInt64LittleEndian(bytes[^sizeof(ulong)..]));
        }
        else
        {
            foreach (byte b in bytes)
                hash = Mix(hash, b);
        }

        return (uint)(hash >> 40);
    }

    private static ulong Mix(ulong hash, ulong value) => (BitOperations.RotateLeft(hash, 29) ^ value) * 0x9E3779B97F4A7C15;
}
