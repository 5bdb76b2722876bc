namespace Messaging.Amqp.Tests.Types;

public class AmqpReaderTests
{
    private delegate object? Read(ref AmqpReader reader);

    private static readonly (string Name, Read Read, byte[] Codes)[] TypedReads =
    [
        ("boolean", (ref r) => r.ReadBoolean(), [0x41, 0x42, 0x56]), ("ubyte", (ref r) => r.ReadUByte(), [0x50]), ("byte", (ref r) => r.ReadByte(), [0x51]),
        ("ushort", (ref r) => r.ReadUShort(), [0x60]), ("short", (ref r) => r.ReadShort(), [0x61]), ("uint", (ref r) => r.ReadUInt(), [0x43, 0x52, 0x70]), ("int", (ref r) => r.ReadInt(), [0x54, 0x71]),
        ("ulong", (ref r) => r.ReadULong(), [0x44, 0x53, 0x80]), ("long", (ref r) => r.ReadLong(), [0x55, 0x81]), ("float", (ref r) => r.ReadFloat(), [0x72]), ("double", (ref r) => r.ReadDouble(), [0x82]),
        ("decimal32", (ref r) => r.ReadDecimal32(), [0x74]), ("decimal64", (ref r) => r.ReadDecimal64(), [0x84]), ("decimal128", (ref r) => r.ReadDecimal128(), [0x94]), ("char", (ref r) => r.ReadChar(), [0x73]),
        ("timestamp", (ref r) => r.ReadTimestamp(), [0x83]), ("uuid", (ref r) => r.ReadUuid(), [0x98]), ("binary", (ref r) => r.ReadBinary(), [0xa0, 0xb0]), ("string", (ref r) => r.ReadString(), [0xa1, 0xb1]),
        ("symbol", (ref r) => r.ReadSymbol(), [0xa3, 0xb3]), ("symbols", (ref r) => r.ReadSymbols(), [0x40, 0xa3, 0xb3]), ("list", (ref r) => r.ReadList(), [0x45, 0xc0, 0xd0]), ("list header", (ref r) => r.ReadListHeader(out _), [0x45, 0xc0, 0xd0]),
        ("map", (ref r) => r.ReadMap(), [0xc1, 0xd1]), ("map header", (ref r) => r.ReadMapHeader(out _), [0xc1, 0xd1]), ("fields", (ref r) => r.ReadFields(), [0xc1, 0xd1]),
    ];

    [Fact]
    public void TypedRead_EveryFormatCode_ReadsItsOwnAndRefusesTheOthers()
    {
        foreach ((string name, Read read, byte[] codes) in TypedReads)
        {
            for (int code = 0; code < 256; code++)
            {
                // Zeros behind the code are a valid value of every type but a compound, whose size must cover its count.
                byte[] bytes = new byte[32];
                bytes[0] = (byte)code;
                if (code is 0xc0 or 0xc1)
                    bytes[1] = 1;
                if (code is 0xd0 or 0xd1)
                    bytes[4] = 4;

                AmqpCodecException? e = null;
                try
                {
                    AmqpReader reader = new(bytes);
                    read(ref reader);
                }
                catch (AmqpCodecException caught)
                {
                    e = caught;
                }

                Assert.True((e is null) == codes.Contains((byte)code), $"{name} with 0x{code:x2}: {e?.Message ?? "was read"}");
            }
        }
    }

    [Fact]
    public void TypedRead_EmptyData_IsRefused()
    {
        foreach ((_, Read read, _) in TypedReads)
        {
            Assert.Throws<AmqpCodecException>(() =>
            {
                AmqpReader reader = default;
                read(ref reader);
            });
        }
    }

    [Fact]
    public void EndCompound_UnreadFields_AreSkipped()
    {
        byte[] bytes = [.. Codec.Encode(new object?[] { 1u, "later", 2u }), FormatCode.BooleanTrue];
        AmqpReader reader = new(bytes);

        int count = reader.ReadListHeader(out int end);
        uint first = reader.ReadUInt();
        reader.EndCompound(end);

        Assert.Equal((3, 1u), (count, first));
        Assert.True(reader.ReadBoolean());
        Assert.True(reader.End);
    }

    [Fact]
    public void EndCompound_FieldsBeyondTheEnd_AreRefused()
    {
        // A list8 whose size covers one byte of its 5-byte item.
        byte[] bytes = Convert.FromHexString("c002017000000001");

        Assert.Throws<AmqpCodecException>(() =>
        {
            AmqpReader reader = new(bytes);
            reader.ReadListHeader(out int end);
            reader.ReadUInt();
            reader.EndCompound(end);
        });
    }

    [Fact]
    public void TryReadDescriptor_OtherValues_AreLeftAlone()
    {
        byte[] bytes = [FormatCode.SmallUInt, 5];
        AmqpReader reader = new(bytes);

        Assert.False(reader.TryReadDescriptor(out _));
        Assert.False(reader.TryReadNull());
        Assert.Equal(5u, reader.ReadUInt());
    }

    [Fact]
    public void TryReadDescriptor_ReservedType_IsRefused()
    {
        byte[] bytes = Codec.Encode(new Described("text", null));

        Assert.Throws<AmqpCodecException>(() => new AmqpReader(bytes).TryReadDescriptor(out _));
    }

    [Fact]
    public void Position_SetOutsideTheData_Throws()
    {
        AmqpReader reader = new([1, 2]) { Position = 2 };

        Assert.True(reader.End);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AmqpReader([1, 2]) { Position = 3 }.End);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AmqpReader([1, 2]) { Position = -1 }.End);
        Assert.Throws<ArgumentOutOfRangeException>(() => new AmqpReader([], 513).End);
    }

    [Fact]
    public void ReadSymbols_ArrayOfStrings_IsRefused() =>
        Assert.Throws<AmqpCodecException>(() => new AmqpReader(Codec.Encode(new[] { "a" })).ReadSymbols());

    [Fact]
    public void ReadFields_StringKeyOrEqualKeys_AreRefused()
    {
        Assert.Throws<AmqpCodecException>(() => new AmqpReader(Convert.FromHexString("c10502a1016141")).ReadFields());
        Assert.Throws<AmqpCodecException>(() => new AmqpReader(Convert.FromHexString("c10904a3016141a3016142")).ReadFields());
    }

    [Fact]
    public void ReadMap_BinaryKey_IsFoundByContent()
    {
        byte[] bytes = Codec.Encode(new Dictionary<object, object?> { [new byte[] { 1, 2 }] = "x" });
        OrderedDictionary<object, object?> map = new AmqpReader(bytes).ReadMap();

        Assert.Equal("x", map[new byte[] { 1, 2 }]);
    }

    [Fact]
    public void ReadSymbol_SameNameTwice_GivesOneString()
    {
        byte[] bytes = Codec.Encode((Symbol)"a-symbol-of-this-test-only");

        Symbol first = new AmqpReader(bytes).ReadSymbol();
        Symbol second = new AmqpReader(bytes).ReadSymbol();

        Assert.Same(first.Value, second.Value);
    }
}
