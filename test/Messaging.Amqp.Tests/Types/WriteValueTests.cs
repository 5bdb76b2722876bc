using System.Collections.ObjectModel;
using System.Text;

namespace Messaging.Amqp.Tests.Types;

public class WriteValueTests
{
    public static TheoryData<object?, string> Shortest => new()
    {
        { 0u, "43" }, { 255u, "52ff" }, { 256u, "7000000100" }, { 0ul, "44" }, { 255ul, "53ff" }, { 256ul, "800000000000000100" },
        { -128, "5480" }, { -129, "71ffffff7f" }, { 127L, "557f" }, { 128L, "810000000000000080" }, { (byte)7, "5007" }, { (sbyte)-7, "51f9" },
        { 'A', "7300000041" }, { new Rune(0x1f600), "730001f600" }, { new Guid("00112233-4455-6677-8899-aabbccddeeff"), "9800112233445566778899aabbccddeeff" },
        { DateTime.UnixEpoch.AddMilliseconds(1.9), "830000000000000001" }, { DateTime.UnixEpoch.AddTicks(-1), "83ffffffffffffffff" },
        { new DateTime(1970, 1, 1, 0, 0, 1, DateTimeKind.Unspecified), "8300000000000003e8" }, { new DateTimeOffset(1970, 1, 1, 1, 0, 0, TimeSpan.FromHours(1)), "830000000000000000" },
        { new int[] { 1, -1 }, "e0040254" + "01ff" }, { new int[] { 1, 300 }, "e00a0271" + "000000010000012c" }, { new uint[] { 0, 0 }, "e004025200" + "00" }, { new bool[] { true }, "e003015601" },
        { new sbyte[] { -1 }, "e0030151ff" }, { new ulong[] { 1 }, "e003015301" }, { new long[] { 1L << 40 }, "e00a01810000010000000000" }, { new string[] { "a" }, "e00401a10161" },
        { new byte[] { 1 }, "a00101" }, { new byte[][] { [1] }, "e00401a00101" }, { AmqpArray.OfUBytes(1, 2), "e004025001" + "02" }, { new ushort[] { 1 }, "e00401600001" }, { new short[] { -1 }, "e0040161ffff" },
        { Array.Empty<Guid>(), "e0020098" }, { new object?[] { null }, "c0020140" }, { new ReadOnlyDictionary<string, object?>(new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = true }), "c10502a1016141" },
    };

    public static TheoryData<object> Refused =>
    [
        new object(), DayOfWeek.Friday, new Uri("http://x"), new int[1, 1], new DayOfWeek[1], new object[][] { [] }, TimeSpan.Zero, Half.One, new HashSet<int>(),
        '\ud800', "\ud800", "a\udc00b", new string('x', 300) + "\ud800", new string('x', 5000) + "\udfff", new char[] { '\udc00' }, new string?[] { null }, new byte[]?[] { null },
        new OrderedDictionary<object, object?> { [new byte[] { 1 }] = 1, [new byte[] { 1 }] = 2 }, new Dictionary<object, object?> { ['a'] = 1, [new Rune('a')] = 2 },
        new Described(null!, 1), new List<object?> { 1, new object() }, new AmqpArray(FormatCode.Null, new object?[65_537]),
        new AmqpArray(FormatCode.SmallInt, [300]), new AmqpArray(FormatCode.Int, [1L]), new AmqpArray(FormatCode.String8, [new string('x', 256)]), new AmqpArray(FormatCode.List32, ["x"]),
        new AmqpArray(FormatCode.Map32, [new List<object?>()]), new AmqpArray(FormatCode.List0, [new object?[] { 1 }]), new AmqpArray(FormatCode.BooleanTrue, [false]), new AmqpArray(FormatCode.Null, [1]),
        new AmqpArray(FormatCode.UInt0, [1u]), new AmqpArray(FormatCode.Int, [null]), new AmqpArray(FormatCode.Array32, [new byte[] { 1 }]), new AmqpArray(FormatCode.List8, [new object?[300]]),
    ];

    [Theory]
    [MemberData(nameof(Shortest))]
    public void WriteValue_KnownValue_GivesTheShortestBytes(object? value, string expected) => Assert.Equal(expected, Codec.Hex(value));

    [Theory]
    [MemberData(nameof(Refused))]
    public void WriteValue_UnsupportedValue_ThrowsAndWritesNothing(object value)
    {
        using AmqpWriter writer = new();
        writer.WriteNull();

        Assert.ThrowsAny<ArgumentException>(() => writer.WriteValue(value));

        Assert.Equal(1, writer.Length);
    }

    [Fact]
    public void WriteValue_UnsupportedType_NamesItAndWhatIsSupported()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => Codec.Encode(new object?[] { TimeSpan.Zero }));

        Assert.Contains("System.TimeSpan", e.Message, StringComparison.Ordinal);
        Assert.Contains("DateTimeOffset", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WriteValue_CyclicList_ThrowsArgumentException()
    {
        List<object?> list = [];
        list.Add(list);
        Dictionary<string, object?> map = new(StringComparer.Ordinal);
        map["self"] = new Described("me", map);

        Assert.Throws<ArgumentException>(() => Codec.Encode(list));
        Assert.Throws<ArgumentException>(() => Codec.Encode(map));
    }

    [Fact]
    public void WriteValue_DepthOfTheDecodersLimit_IsWrittenAndOneMoreIsNot()
    {
        object?[] deepest = [];
        for (int i = 1; i < 32; i++)
            deepest = [deepest];

        Assert.NotNull(Codec.Decode(Codec.Encode(deepest)));
        Assert.Throws<ArgumentException>(() => Codec.Encode(new object?[] { deepest }));
    }

    [Fact]
    public void WriteValue_CollectionsOfAllKinds_BecomeListsAndMaps()
    {
        Assert.Equal("list[string \"a\"]", Round(new List<string> { "a" }));
        Assert.Equal("list[int 1]", Round(new Collection<int> { 1 }));
        Assert.Equal("list[string \"a\"]", Round(new ReadOnlyCollection<string>(["a"])));
        Assert.Equal("map{string \"b\": int 1, string \"a\": null}", Round(new OrderedDictionary<string, object?>(StringComparer.Ordinal) { ["b"] = 1, ["a"] = null }));
        Assert.Equal("map{symbol s: boolean true}", Round(new Dictionary<Symbol, object?> { ["s"] = true }));
        Assert.Equal("map{int 1: string \"x\"}", Round(new Dictionary<int, string> { [1] = "x" }));
        Assert.Equal("map{}", Round(new Dictionary<object, object?>()));
        Assert.Equal("binary 01", Round(new Memory<byte>([1])));
    }

    [Fact]
    public void WriteFields_Map_IsReadBackInOrder()
    {
        OrderedDictionary<Symbol, object?> fields = new() { ["z"] = 1, ["a"] = "x" };
        byte[] bytes = Codec.Encode(w => w.WriteFields(fields));
        AmqpReader reader = new(bytes);

        Assert.Equal(fields.ToArray(), reader.ReadFields().ToArray());
    }

    private static string Round(object value) => ValueText.Of(Codec.Decode(Codec.Encode(value)));
}
