using CsCheck;

namespace Messaging.Amqp.Tests.Types;

public class EveryFormTests
{
    [Fact]
    public void ReadValue_AnyLegalForm_GivesTheSameValue() => Gen.Select(ValueGen.Values, Gen.Int).Sample(
        (value, seed) =>
        {
            object? canonical = Codec.Decode(Codec.Encode(value));
            byte[] other = new AnyFormEncoder(new Random(seed)).Encode(canonical);

            Assert.Equal(ValueText.Of(canonical), ValueText.Of(Codec.Decode(other)));
        },
        iter: 3_000);

    [Theory]
    [InlineData("5600", "boolean false")]
    [InlineData("5601", "boolean true")]
    [InlineData("7000000000", "uint 0")]
    [InlineData("5200", "uint 0")]
    [InlineData("800000000000000001", "ulong 1")]
    [InlineData("7100000001", "int 1")]
    [InlineData("81ffffffffffffffff", "long -1")]
    [InlineData("b00000000101", "binary 01")]
    [InlineData("b10000000141", "string \"A\"")]
    [InlineData("b30000000141", "symbol A")]
    [InlineData("c00100", "list[]")]
    [InlineData("d00000000400000000", "list[]")]
    [InlineData("c10100", "map{}")]
    [InlineData("d10000000400000000", "map{}")]
    [InlineData("e0020056", "array(boolean)[]")]
    [InlineData("e0020341", "array(boolean)[boolean true, boolean true, boolean true]")]
    [InlineData("e0020242", "array(boolean)[boolean false, boolean false]")]
    [InlineData("e0020243", "array(uint)[uint 0, uint 0]")]
    [InlineData("e0020244", "array(ulong)[ulong 0, ulong 0]")]
    [InlineData("e0020240", "array(0x40)[null, null]")]
    [InlineData("e0020245", "array(0x45)[list[], list[]]")]
    [InlineData("e00402520102", "array(uint)[uint 1, uint 2]")]
    [InlineData("e004025501ff", "array(long)[long 1, long -1]")]
    [InlineData("e0060250017f", null)]
    [InlineData("e00402e00000", null)]
    [InlineData("f000000007000000025001ff", "array(0x50)[ubyte 1, ubyte 255]")]
    [InlineData("e00802e00254010202540102", null)]
    [InlineData("e00a02e00301540103015402", "array(0xe0)[array(int)[int 1], array(int)[int 2]]")]
    [InlineData("e00802c0030154010100", "array(0xc0)[list[int 1], list[]]")]
    [InlineData("e00a0200a3017500530152052a", null)]
    [InlineData("e0090200a3017500530152052a", null)]
    [InlineData("e00b0200a3017500530152052a", "array(symbol u, ulong 1, 0x52)[uint 5, uint 42]")]
    [InlineData("0000530153025303", "described(described(ulong 1, ulong 2), ulong 3)")]
    [InlineData("00530100530240", "described(ulong 1, described(ulong 2, null))")]
    [InlineData("00a10375726ca10178", "described(string \"url\", string \"x\")")]
    public void ReadValue_HandWrittenBytes_GiveTheValueOrAreRefused(string hex, string? expected)
    {
        if (expected is null)
            Codec.Refuses(hex);
        else
            Assert.Equal(expected, ValueText.Of(Codec.Decode(hex)));
    }
}
