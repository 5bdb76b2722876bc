using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text;

namespace Messaging.Amqp;

// The elements of arrays by type. The caller has checked the count against the bytes of the array.
public ref partial struct AmqpReader
{
    private delegate T ElementReader<out T>(ref AmqpReader reader, byte code);

    private T[] Fill<T>(T[] items, byte code, ElementReader<T> read)
    {
        for (int i = 0; i < items.Length; i++)
            items[i] = read(ref this, code);
        return items;
    }

    private AmqpArray GetElements(byte code, int count, object[] descriptors, int depth)
    {
        var items = new List<object?>(Math.Min(count, AmqpLimits.TrustedCount));
        for (int i = 0; i < count; i++)
            items.Add(GetValue(code, depth));
        return AmqpArray.Own(code, [.. items], descriptors);
    }

    private bool[] GetBooleans(byte code, int count)
    {
        bool[] items = new bool[count];
        for (int i = 0; i < items.Length; i++)
            items[i] = GetBoolean(code);
        return items;
    }

    private T[] Get16<T>(int count)
        where T : unmanaged
    {
        T[] items = new T[count];
        NetworkOrder.Copy16(Take(count * 2), MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }

    private T[] Get32<T>(int count)
        where T : unmanaged
    {
        T[] items = new T[count];
        NetworkOrder.Copy32(Take(count * 4), MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }

    private T[] Get64<T>(int count)
        where T : unmanaged
    {
        T[] items = new T[count];
        NetworkOrder.Copy64(Take(count * 8), MemoryMarshal.AsBytes(items.AsSpan()));
        return items;
    }

    // As for single values: DateTime when every element fits it, else the wire's own type for all.
    private object GetTimestamps(int count)
    {
        AmqpTimestamp[] times = Get64<AmqpTimestamp>(count);
        return Array.TrueForAll(times, t => t.IsDateTime) ? Array.ConvertAll(times, t => t.ToDateTime()) : times;
    }

    private object GetChars(int count)
    {
        Rune[] runes = new Rune[count];
        bool bmp = true;
        for (int i = 0; i < runes.Length; i++)
        {
            runes[i] = GetChar();
            bmp &= runes[i].IsBmp;
        }

        return bmp ? Array.ConvertAll(runes, r => (char)r.Value) : runes;
    }

    private string[] GetStrings(int count, bool wide)
    {
        string[] items = new string[count];
        for (int i = 0; i < items.Length; i++)
            items[i] = GetString(wide);
        return items;
    }

    private Symbol[] GetSymbols(int count, bool wide)
    {
        Symbol[] items = new Symbol[count];
        for (int i = 0; i < items.Length; i++)
            items[i] = GetSymbol(wide);
        return items;
    }

    private byte[][] GetBinaries(int count, bool wide)
    {
        byte[][] items = new byte[count][];
        for (int i = 0; i < items.Length; i++)
            items[i] = GetVariable(wide).ToArray();
        return items;
    }

    [DoesNotReturn]
    private static void ThrowTooManyZeroWidth(uint count) =>
        AmqpCodecException.ThrowDecodeError($"{count} array elements without bytes are announced; all together may take at most {AmqpLimits.MaxZeroWidthMemory} bytes of memory.");
}
