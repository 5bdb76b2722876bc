using System.Buffers;

namespace Messaging.Amqp.Tests.Types;

public class AmqpWriterTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(-2)]
    public void EndMap_CountThatCannotBe_Throws(int count)
    {
        using AmqpWriter writer = new();
        CompoundScope scope = writer.BeginMap();
        for (int i = 0; i < 4; i++)
            writer.WriteNull();

        Assert.Throws<ArgumentOutOfRangeException>(() => writer.EndMap(scope, count));
    }

    [Theory]
    [InlineData(0, "45")]
    [InlineData(1, "c0020140")]
    public void EndList_FewItems_GiveTheShortestForm(int count, string expected)
    {
        using AmqpWriter writer = new();
        CompoundScope scope = writer.BeginList();
        for (int i = 0; i < count; i++)
            writer.WriteNull();

        writer.EndList(scope, count);

        Assert.Equal(expected, Convert.ToHexStringLower(writer.WrittenSpan));
    }

    [Theory]
    [InlineData(252, "c0ff01a0fc")] // 254 bytes of items and the count: the most that list8 holds
    [InlineData(253, "d00000010300000001a0fd")]
    public void EndList_AroundTheLimitOfList8_GivesTheShortestForm(int length, string start)
    {
        byte[] bytes = Codec.Encode((List<object?>)[new byte[length]]);

        Assert.StartsWith(start, Convert.ToHexStringLower(bytes), StringComparison.Ordinal);
        Assert.Single(Assert.IsType<List<object?>>(Codec.Decode(bytes)));
    }

    [Theory]
    [InlineData(254, 0xc0)]
    [InlineData(255, 0xd0)]
    [InlineData(256, 0xd0)]
    public void EndList_ManyNulls_GivesTheShortestForm(int count, byte code) => Assert.Equal(code, Codec.Encode(new object?[count])[0]);

    [Fact]
    public void Write_BeyondTheInitialCapacity_KeepsWhatWasWritten()
    {
        using AmqpWriter writer = new(1);
        for (uint i = 0; i < 10_000; i++)
            writer.WriteUInt(1000 + i);

        AmqpReader reader = new(writer.WrittenSpan);
        for (uint i = 0; i < 10_000; i++)
            Assert.Equal(1000 + i, reader.ReadUInt());
        Assert.True(reader.End);
    }

    [Fact]
    public void Clear_AfterWriting_StartsAgain()
    {
        using AmqpWriter writer = new();
        writer.WriteUInt(1);

        writer.Clear();
        writer.WriteNull();

        Assert.Equal(1, writer.Length);
        Assert.Equal([FormatCode.Null], writer.WrittenMemory.ToArray());
    }

    [Fact]
    public void Write_AfterDispose_ThrowsObjectDisposed()
    {
        AmqpWriter writer = new();
        writer.WriteNull();
        writer.Dispose();
        writer.Dispose();

        Assert.Equal(0, writer.Length);
        Assert.Throws<ObjectDisposedException>(writer.WriteNull);
        Assert.Throws<ObjectDisposedException>(() => writer.WriteString("x"));
        Assert.Throws<ObjectDisposedException>(() => writer.GetSpan());
        Assert.Throws<ObjectDisposedException>(() => writer.WriteValue(new List<object?>()));
    }

    [Fact]
    public void BufferWriter_GetAndAdvance_Append()
    {
        using AmqpWriter writer = new(4);
        "abc"u8.CopyTo(writer.GetSpan(3));
        writer.Advance(3);
        "defgh"u8.ToArray().CopyTo(writer.GetMemory(5));
        writer.Advance(5);
        writer.Write("ij"u8);

        Assert.Equal("abcdefghij"u8.ToArray(), writer.WrittenSpan.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Advance(int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.GetSpan(-1));
    }

    [Fact]
    public void Internals_ReservePatchTruncate_Work()
    {
        using AmqpWriter writer = new();
        writer.Reserve(4).Clear();
        writer.WriteNull();
        writer.PatchUInt32(0, 0x01020304);

        writer.Truncate(4);

        Assert.Equal([1, 2, 3, 4], writer.WrittenSpan.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.Truncate(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => writer.PatchUInt32(1, 0));
    }

    [Theory]
    [InlineData(0, "a000")]
    [InlineData(255, "a0ff")]
    [InlineData(256, "b000000100")]
    [InlineData(int.MaxValue, "b07fffffff")]
    public void WriteBinaryHeader_AnyLength_WritesOnlyTheHeader(int length, string expected)
    {
        Assert.Equal(expected, Convert.ToHexStringLower(Codec.Encode(w => w.WriteBinaryHeader(length))));
        Assert.Throws<ArgumentOutOfRangeException>(() => Codec.Encode(w => w.WriteBinaryHeader(-1)));
    }

    [Fact]
    public void WriteSymbols_NoneOneMany_AreArrays()
    {
        Assert.Equal("e00200a3", Convert.ToHexStringLower(Codec.Encode(w => w.WriteSymbols([]))));
        Assert.Equal("e00501a3024142", Convert.ToHexStringLower(Codec.Encode(w => w.WriteSymbols(["AB"]))));
        Symbol[] many = [.. Enumerable.Range(0, 300).Select(i => new Symbol($"s{i}")), new Symbol(new string('x', 300))];
        byte[] bytes = Codec.Encode(w => w.WriteSymbols(many));
        AmqpReader reader = new(bytes);
        Assert.Equal(many, reader.ReadSymbols());
    }

    [Theory]
    [InlineData(0ul, "0044")]
    [InlineData(0x24ul, "005324")]
    [InlineData(256ul, "00800000000000000100")]
    public void WriteDescriptor_Numeric_IsShortest(ulong code, string expected)
    {
        byte[] bytes = Codec.Encode(w => w.WriteDescriptor(code));
        AmqpReader reader = new(bytes);

        Assert.Equal(expected, Convert.ToHexStringLower(bytes));
        Assert.True(reader.TryReadDescriptor(out Descriptor descriptor));
        Assert.True(descriptor.Is(code, "x") && !descriptor.IsSymbolic);
    }

    [Fact]
    public void WriteDescriptor_Symbolic_IsReadBack()
    {
        byte[] bytes = Codec.Encode(w => w.WriteDescriptor((Symbol)"amqp:open:list"));
        AmqpReader reader = new(bytes);

        Assert.True(reader.TryReadDescriptor(out Descriptor descriptor));
        Assert.True(descriptor.Is(0x10, "amqp:open:list") && descriptor.IsSymbolic);
        Assert.Equal("amqp:open:list", descriptor.ToString());
    }
}
