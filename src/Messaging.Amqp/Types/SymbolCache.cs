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

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = (uint)bytes.Length;
        foreach (byte b in bytes)
            hash = (hash ^ b) * 0x01000193;
        return hash ^ (hash >> 15);
    }
}
