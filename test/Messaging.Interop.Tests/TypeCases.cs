using System.Text;
using Messaging.Amqp;

namespace Messaging.Interop.Tests;

/// <summary>Every AMQP 1.0 type (part 1, 1.6) with the values at its edges and at those of its short encodings.</summary>
internal static class TypeCases
{
    private static readonly Guid Id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly DateTime Time = new(2026, 11, 23, 15, 4, 5, 678, DateTimeKind.Utc);

    /// <summary>The types that application properties may hold too.</summary>
    public static IReadOnlyDictionary<string, TypeCase> Simple { get; } = new Dictionary<string, TypeCase>(StringComparer.Ordinal)
    {
        ["null"] = new(null, "null"),
        ["true"] = new(true, "boolean(true)"),
        ["false"] = new(false, "boolean(false)"),
        ["ubyte"] = new((byte)255, "ubyte(255)"),
        ["byte"] = new((sbyte)-128, "byte(-128)"),
        ["ushort"] = new((ushort)65535, "ushort(65535)"),
        ["short"] = new((short)-32768, "short(-32768)"),
        ["uint-0"] = new(0u, "uint(0)"),
        ["uint-small"] = new(255u, "uint(255)"),
        ["uint"] = new(4294967295u, "uint(4294967295)"),
        ["int-small"] = new(-128, "int(-128)"),
        ["int"] = new(int.MinValue, "int(-2147483648)"),
        ["ulong-0"] = new(0ul, "ulong(0)"),
        ["ulong-small"] = new(255ul, "ulong(255)"),
        ["ulong"] = new(ulong.MaxValue, "ulong(18446744073709551615)"),
        ["long-small"] = new(127L, "long(127)"),
        ["long"] = new(long.MinValue, "long(-9223372036854775808)"),
        ["float"] = new(1.5f, "float(1.5)"),
        ["float-infinity"] = new(float.NegativeInfinity, "float(-inf)"),
        ["double"] = new(Math.PI, "double(3.141592653589793)"),
        ["double-nan"] = new(double.NaN, "double(nan)"),
        ["decimal32"] = new(new AmqpDecimal32(0x32800005), "decimal32(32800005)"),
        ["decimal64"] = new(new AmqpDecimal64(0x31C0000000000005), "decimal64(31c0000000000005)"),
        ["decimal128"] = new((AmqpDecimal128)1.25m, "decimal128(303c000000000000000000000000007d)"),
        ["char"] = new('€', "char(€)"),
        ["char-beyond-bmp"] = new(new Rune(0x1F600), "char(\U0001F600)"),
        ["timestamp"] = new(Time, "timestamp(1795446245678)"),
        ["timestamp-offset"] = new(new DateTimeOffset(Time), "timestamp(1795446245678)", Time),
        ["timestamp-far"] = new(new AmqpTimestamp(long.MaxValue), "timestamp(9223372036854775807)"),
        ["uuid"] = new(Id, "uuid(00112233-4455-6677-8899-aabbccddeeff)"),
        ["binary"] = new(new byte[] { 0, 1, 254, 255 }, "binary(0001feff)"),
        ["string-empty"] = new("", "string()"),
        ["string"] = new("Grüße \U0001F600", "string(Grüße \U0001F600)"),
        ["string-long"] = new(new string('x', 300), $"string({new string('x', 300)})"),
        ["symbol"] = new(new Symbol("a-symbol"), "symbol(a-symbol)"),
    };

    /// <summary>The types that contain others.</summary>
    /// <remarks>Not here is an array whose elements have two descriptors, one inside the other: Proton 0.37 takes the second one for an element, and sends three elements on where there were two.</remarks>
    public static IReadOnlyDictionary<string, TypeCase> Compound { get; } = new Dictionary<string, TypeCase>(StringComparer.Ordinal)
    {
        ["list-empty"] = new(new List<object?>(), "list[]"),
        ["list"] = new(new List<object?> { 1, "two", null, new List<object?> { 3L } }, "list[int(1), string(two), null, list[long(3)]]"),
        ["list-long"] = new(Enumerable.Range(0, 300).Cast<object?>().ToList(), $"list[{string.Join(", ", Enumerable.Range(0, 300).Select(i => $"int({i})"))}]"),
        ["map"] = new(
            new OrderedDictionary<object, object?> { ["z"] = 1u, [new Symbol("a")] = null, [5ul] = new List<object?> { true } },
            "map{string(z): uint(1), symbol(a): null, ulong(5): list[boolean(true)]}"),
        ["array-int"] = new(new[] { 1, -2, int.MaxValue }, "array<int>[int(1), int(-2), int(2147483647)]"),
        ["array-string"] = new(new[] { "a", "bc" }, "array<string>[string(a), string(bc)]"),
        ["array-symbol"] = new(new Symbol[] { "a", "bc" }, "array<symbol>[symbol(a), symbol(bc)]"),
        ["array-uuid"] = new(new[] { Id }, $"array<uuid>[uuid({Id})]"),
        ["array-boolean"] = new(new[] { true, false }, "array<bool>[boolean(true), boolean(false)]"),
        ["array-double"] = new(new[] { 0.5, -1 }, "array<double>[double(0.5), double(-1.0)]"),
        ["array-ubyte"] = new(AmqpArray.OfUBytes(1, 255), "array<ubyte>[ubyte(1), ubyte(255)]"),
        ["array-list"] = new(new AmqpArray(FormatCode.List32, [new List<object?>(), new List<object?> { 5, "x" }]), "array<list>[list[], list[int(5), string(x)]]"),
        ["array-array"] = new(new AmqpArray(FormatCode.Array32, [new[] { 1, -2 }, new[] { 3 }]), "array<array>[array<int>[int(1), int(-2)], array<int>[int(3)]]"),
        ["array-array-array"] = new(
            new AmqpArray(FormatCode.Array32, [new AmqpArray(FormatCode.Array32, [new[] { "a" }, new[] { 1.5 }]), new AmqpArray(FormatCode.Array32, [new[] { Id }])]),
            $"array<array>[array<array>[array<string>[string(a)], array<double>[double(1.5)]], array<array>[array<uuid>[uuid({Id})]]]"),
        ["array-described"] = new(new AmqpArray(FormatCode.Int, [1, -2], new Symbol("d")), "array<int>[symbol(d); int(1), int(-2)]"),
        ["array-described-string"] = new(
            new AmqpArray(FormatCode.String32, ["a", "bc"], 0x1234_0000_0001ul), "array<string>[ulong(20014547599361); string(a), string(bc)]"),
        ["array-described-list"] = new(
            new AmqpArray(FormatCode.List32, [new List<object?> { 5 }, new List<object?>()], new Symbol("d")), "array<list>[symbol(d); list[int(5)], list[]]"),
        ["array-array-described"] = new(
            new AmqpArray(FormatCode.Array32, [new AmqpArray(FormatCode.Int, [1], new Symbol("d")), new[] { 2 }]), "array<array>[array<int>[symbol(d); int(1)], array<int>[int(2)]]"),
        ["described-symbol"] = new(new Described(new Symbol("example:type"), 7ul), "described(symbol(example:type), ulong(7))"),
        ["described-ulong"] = new(new Described(0x1234_0000_0001ul, "x"), "described(ulong(20014547599361), string(x))"),
    };
}
