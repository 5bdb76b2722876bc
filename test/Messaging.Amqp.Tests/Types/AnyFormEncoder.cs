using System.Buffers.Binary;
using System.Text;

namespace Messaging.Amqp.Tests.Types;

/// <summary>An encoder of its own, simple and slow, that picks among all legal forms of part 1 at random: what other implementations may send.</summary>
internal sealed class AnyFormEncoder(Random random)
{
    public byte[] Encode(object? value) => value switch
    {
        null => [0x40],
        bool b => Pick([b ? (byte)0x41 : (byte)0x42], [0x56, b ? (byte)1 : (byte)0]),
        uint n => Forms(0x43, n == 0, 0x52, n <= 255, 0x70, Big(n)),
        ulong n => Forms(0x44, n == 0, 0x53, n <= 255, 0x80, Big(n)),
        int n => Forms(0, false, 0x54, n is >= -128 and <= 127, 0x71, Big((uint)n)),
        long n => Forms(0, false, 0x55, n is >= -128 and <= 127, 0x81, Big((ulong)n)),
        byte[] b when value.GetType() == typeof(byte[]) => Variable(0xa0, b),
        string s => Variable(0xa1, Encoding.UTF8.GetBytes(s)),
        Symbol s => Variable(0xa3, Encoding.ASCII.GetBytes(s.Value)),
        List<object?> { Count: 0 } when random.Next(3) == 0 => [0x45],
        List<object?> list => Compound(0xc0, list.Count, [.. list.SelectMany(Encode)]),
        OrderedDictionary<object, object?> map => Compound(0xc1, map.Count * 2, [.. map.SelectMany(p => Encode(p.Key).Concat(Encode(p.Value)))]),
        Described d => [0, .. Encode(d.Descriptor), .. Encode(d.Value)],
        string[] items => Array(items.All(s => Encoding.UTF8.GetByteCount(s) <= 255), 0xa1, items.Select(s => Encoding.UTF8.GetBytes(s))),
        Symbol[] items => Array(items.All(s => s.Value.Length <= 255), 0xa3, items.Select(s => Encoding.ASCII.GetBytes(s.Value))),
        int[] items when value.GetType() == typeof(int[]) && items.All(n => n is >= -128 and <= 127) => Compound(0xe0, items.Length, Pick([0x54, .. items.Select(n => (byte)n)], [0x71, .. items.SelectMany(n => Big((uint)n))])),
        uint[] items when value.GetType() == typeof(int[]) && items.All(n => n == 0) => Compound(0xe0, items.Length, Pick([0x43], [0x70, .. items.SelectMany(Big)])),
        bool[] items when items.All(b => b) => Compound(0xe0, items.Length, Pick([0x41], [0x56, .. items.Select(_ => (byte)1)])),
        _ => Codec.Encode(value),
    };

    private byte[] Pick(params byte[][] forms) => forms[random.Next(forms.Length)];

    private byte[] Forms(byte code0, bool fits0, byte code1, bool fits1, byte code, byte[] big)
    {
        List<byte[]> forms = [[code, .. big]];
        if (fits1)
            forms.Add([code1, big[^1]]);
        if (fits0)
            forms.Add([code0]);
        return Pick([.. forms]);
    }

    private byte[] Variable(byte code, byte[] content) =>
        content.Length <= 255 && random.Next(2) == 0 ? [code, (byte)content.Length, .. content] : [(byte)(code + 0x10), .. Big((uint)content.Length), .. content];

    private byte[] Compound(byte code, int count, byte[] content) =>
        content.Length < 255 && count <= 255 && random.Next(2) == 0
            ? [code, (byte)(content.Length + 1), (byte)count, .. content]
            : [(byte)(code + 0x10), .. Big((uint)content.Length + 4), .. Big((uint)count), .. content];

    private byte[] Array(bool fits, byte code, IEnumerable<byte[]> items)
    {
        List<byte[]> all = [.. items];
        return fits && random.Next(2) == 0
            ? Compound(0xe0, all.Count, [code, .. all.SelectMany(i => (byte[])[(byte)i.Length, .. i])])
            : Compound(0xe0, all.Count, [(byte)(code + 0x10), .. all.SelectMany(i => (byte[])[.. Big((uint)i.Length), .. i])]);
    }

    private static byte[] Big(uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Big(ulong value)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        return bytes;
    }
}
