using System.Buffers.Binary;
using System.Diagnostics;
using CsCheck;

namespace Messaging.Amqp.Tests.Types;

public class HostileInputTests
{
    private const long SmallAllocation = 256 * 1024;

    public static TheoryData<string, byte[], string> Bombs => new()
    {
        { "nested list8, 5,000 deep", NestedLists(5000), "inside each other" },
        { "nested list32 headers, 5,000 deep", Repeat([0xd0, 0, 0, 0x80, 0, 0, 0, 0, 1], 5000), "inside each other" },
        { "nested described, 5,000 deep", Repeat([0x00, 0x53, 0x01], 5000), "inside each other" },
        { "nested descriptors, 5,000 deep", Repeat([0x00], 5000), "inside each other" },
        { "nested array constructors, 5,000 deep", Repeat([0xf0, 0, 0, 0x80, 0, 0, 0, 0, 1], 5000), "inside each other" },
        { "array32 of 2^31 nulls", Hex("f0000000058000000040"), "without bytes" },
        { "array32 of 2^32-1 trues", Hex("f000000005ffffffff41"), "without bytes" },
        { "array32 of 1,639 empty lists", Hex("f0000000050000066745"), "without bytes" },
        { "array32 of 2^31 described nulls", Hex("f00000000880000000005301" + "40"), "without bytes" },
        { "str32 of 2^32-1 bytes", Hex("b1ffffffff" + "41"), "bytes is announced" },
        { "vbin32 of 2^31-1 bytes", Hex("b07fffffff" + "00"), "bytes is announced" },
        { "sym32 of 2^31 bytes", Hex("b380000000" + "41"), "bytes is announced" },
        { "list32 with count 2^31", Hex("d00000000880000000" + "40404040"), "items are announced" },
        { "list32 with size 2^32-1", Hex("d0ffffffff00000001" + "40"), "bytes is announced" },
        { "list8 with count above its bytes", Hex("c00205" + "40"), "items are announced" },
        { "map32 with count 2^31", Hex("d10000000880000000" + "40404040"), "items are announced" },
        { "map32 with size 2^31", Hex("d18000000000000002" + "4040"), "bytes is announced" },
        { "array32 of 2^31 ints", Hex("f0000000098000000071" + "00000000"), "items are announced" },
        { "array32 of 2^28 uuids, count * 16 = 2^32", Hex("f0000000051000000098"), "items are announced" },
        { "array32 of 2^30 strings", Hex("f00000000640000000a100"), "items are announced" },
        { "array32 of 2^31 arrays", Hex("f00000000780000000f00000"), "items are announced" },
        { "8,192 nulls and one more", [.. Hex("c01502f0000000050000200040f0000000050000000140")], "without bytes" },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public void ReadValue_Bomb_IsRefusedQuicklyWithoutMemory(string name, byte[] bytes, string reason)
    {
        Assert.Contains(reason, Codec.Refuses(bytes).Message, StringComparison.Ordinal);
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();

        Codec.Refuses(bytes);

        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < SmallAllocation, $"{name}: {allocated} bytes");
        Assert.True(elapsed < TimeSpan.FromSeconds(1), $"{elapsed}");
    }

    [Fact]
    public void ReadValue_DepthOfTheLimit_IsReadAndOneMoreIsRefused()
    {
        byte[] deepest = NestedLists(32);
        byte[] deeper = NestedLists(33);

        Assert.NotNull(Codec.Decode(deepest));
        Codec.Refuses(deeper);
        Assert.NotNull(Codec.Decode(deeper, maxDepth: 33));
        Codec.Refuses("45", maxDepth: 0);
    }

    [Theory]
    [InlineData(FormatCode.Null, 8_192)]
    [InlineData(FormatCode.BooleanTrue, 65_536)]
    [InlineData(FormatCode.BooleanFalse, 65_536)]
    [InlineData(FormatCode.UInt0, 16_384)]
    [InlineData(FormatCode.ULong0, 8_192)]
    [InlineData(FormatCode.List0, 1_638)]
    public void ReadValue_ElementsWithoutBytes_AreReadUpTo64KiBOfMemory(byte code, int most)
    {
        Codec.Refuses(ArrayOf(code, most + 1));
        long before = GC.GetAllocatedBytesForCurrentThread();

        object? array = Codec.Decode(ArrayOf(code, most));

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(most, array is AmqpArray items ? items.Count : ((Array)array!).Length);
        Assert.True(allocated < SmallAllocation, $"{allocated} bytes");
    }

    [Fact]
    public void ReadValue_MapOfCollidingKeys_IsReadInLinearTime()
    {
        // (x << 32) | x folds to hash 0 for every x in the BCL's hash of a ulong: with it, this is 5 billion comparisons.
        using AmqpWriter writer = new();
        CompoundScope scope = writer.BeginMap();
        for (ulong i = 1; i <= 100_000; i++)
        {
            writer.WriteULong((i << 32) | i);
            writer.WriteNull();
        }

        writer.EndMap(scope, 200_000);
        long start = Stopwatch.GetTimestamp();

        AmqpReader reader = new(writer.WrittenSpan);
        Assert.Equal(100_000, reader.ReadMap().Count);

        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
    }

    /// <summary>Keys of a kind of which somebody can make thousands that differ in one thing: that thing must be in the hash.</summary>
    [Fact]
    public void Hash_OfKeysThatDifferInOneThing_Differs()
    {
        object[][] kinds =
        [
            [.. Enumerable.Range(1, 1000).Select(bits => (object)BitConverter.Int32BitsToSingle(0x7F800000 | bits))], // not a number, each
            [.. Enumerable.Range(0, 1000).Select(code => (object)new AmqpArray(FormatCode.Null, [null], (ulong)code))],
            [.. Enumerable.Range(0, 1024).Select(bits => (object)Enumerable.Range(0, 10).Select(i => (bits >> i & 1) == 0 ? 1 : (object?)1u).ToList())],
            [.. Enumerable.Range(0, 1024).Select(bits => (object)Enumerable.Range(0, 10).Select(i => (bits >> i & 1) == 0 ? "a" : (object?)new Symbol("a")).ToList())],
        ];

        Assert.All(kinds, keys => Assert.InRange(keys.Select(ValueComparer.Instance.GetHashCode).Distinct().Count(), keys.Length - 10, keys.Length));
    }

    [Theory]
    [InlineData("5602")] // boolean 2
    [InlineData("a102c328")] // malformed UTF-8
    [InlineData("a103eda080")] // UTF-8 of a surrogate
    [InlineData("a102c080")] // overlong UTF-8
    [InlineData("a301e9")] // symbol beyond ASCII
    [InlineData("730000d800")] // lone surrogate
    [InlineData("7300110000")] // beyond Unicode
    [InlineData("73ffffffff")]
    [InlineData("3f")] // undefined codes
    [InlineData("46")]
    [InlineData("57")]
    [InlineData("ff")]
    [InlineData("a2")]
    [InlineData("e00200ff")] // array of an undefined code
    [InlineData("c1020140")] // map with one item
    [InlineData("c1030240" + "41")] // null key
    [InlineData("c10702a1016141a1016142")] // size beyond the data
    [InlineData("c10904a1016141a1016142")] // equal keys
    [InlineData("c10d04a00201024140a0020102" + "4040")] // bytes left in the map
    [InlineData("c10b04a002010241a002010242")] // equal binary keys
    [InlineData("c003014040")] // list with bytes left
    [InlineData("c000")] // size without room for the count
    [InlineData("d00000000300000000")]
    [InlineData("e00101")] // array without constructor
    [InlineData("e00401540102")] // array with bytes left
    [InlineData("004041")] // null descriptor
    [InlineData("e00401004040")] // null descriptor of an array
    [InlineData("")]
    public void ReadValue_MalformedBytes_AreRefused(string hex) => Codec.Refuses(hex);

    [Fact]
    public void AnyRead_FlippedBytes_GiveAValueOrACodecException() => Gen.Select(ValueGen.Values, Gen.Select(Gen.Int, Gen.Byte).Array[1, 4]).Sample(
        (value, flips) =>
        {
            byte[] bytes = Codec.Encode(value);
            foreach ((int at, byte b) in flips)
                bytes[(int)((uint)at % (uint)bytes.Length)] = b;

            AssertHarmless(bytes);
        },
        iter: 20_000);

    [Fact]
    public void AnyRead_RandomBytes_GiveAValueOrACodecException() => Gen.Byte.Array[0, 64].Sample(AssertHarmless, iter: 50_000);

    [Fact]
    public void AnyRead_RandomFormatCodesAndSizes_GiveAValueOrACodecException()
    {
        byte[] likely = [0x00, 0x40, 0x45, 0x53, 0x01, 0x02, 0x03, 0x04, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0, 0xa1, 0xa3, 0x70, 0x80, 0x98, 0xff];
        Gen.Int[0, likely.Length - 1].Array[1, 48].Select(i => Array.ConvertAll(i, n => likely[n])).Sample(AssertHarmless, iter: 50_000);
    }

    private static void AssertHarmless(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Attempt(bytes, static (ref r) => r.ReadValue());
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8_000_000 + (bytes.Length * 100));
        Attempt(bytes, static (ref r) => r.Skip());
        Attempt(bytes, static (ref r) => r.TryReadDescriptor(out _));
        Attempt(bytes, static (ref r) => r.ReadSymbols());
        Attempt(bytes, static (ref r) => r.ReadFields());
        Attempt(bytes, static (ref r) => r.EndCompound(r.ReadListHeader(out int end) + end));
    }

    private delegate void Read(ref AmqpReader reader);

    private static void Attempt(byte[] bytes, Read read)
    {
        try
        {
            AmqpReader reader = new(bytes);
            read(ref reader);
            Assert.InRange(reader.Position, 0, bytes.Length);
        }
        catch (AmqpCodecException e)
        {
            Assert.Equal(ErrorCondition.DecodeError, e.Error!.Condition);
        }
    }

    private static byte[] ArrayOf(byte code, int count) => [0xf0, 0, 0, 0, 5, (byte)(count >> 24), (byte)(count >> 16), (byte)(count >> 8), (byte)count, code];

    private static byte[] NestedLists(int depth)
    {
        byte[] bytes = [0x45];
        for (int i = 1; i < depth; i++)
        {
            byte[] outer = new byte[bytes.Length + 9];
            outer[0] = 0xd0;
            BinaryPrimitives.WriteInt32BigEndian(outer.AsSpan(1), bytes.Length + 4);
            BinaryPrimitives.WriteInt32BigEndian(outer.AsSpan(5), 1);
            bytes.CopyTo(outer.AsSpan(9));
            bytes = outer;
        }

        return bytes;
    }

    private static byte[] Repeat(byte[] unit, int count) => [.. Enumerable.Repeat(unit, count).SelectMany(b => b)];

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);
}
