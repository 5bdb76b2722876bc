namespace Messaging.Amqp;

/// <summary>The format codes of the primitive encodings (AMQP 1.0 part 1, 1.6): the byte that says how the bytes after it are read.</summary>
/// <remarks>Needed only to choose the element encoding of an <see cref="AmqpArray"/> and to interpret <see cref="AmqpReader.PeekFormatCode"/>.</remarks>
public static class FormatCode
{
    /// <summary>0x00: a descriptor follows, then the constructor of the value that it describes (1.3).</summary>
    public const byte Described = 0x00;

    /// <summary>0x40: null, no bytes.</summary>
    public const byte Null = 0x40;

    /// <summary>0x56: boolean as one byte, 0 or 1.</summary>
    public const byte Boolean = 0x56;

    /// <summary>0x41: the boolean true, no bytes.</summary>
    public const byte BooleanTrue = 0x41;

    /// <summary>0x42: the boolean false, no bytes.</summary>
    public const byte BooleanFalse = 0x42;

    /// <summary>0x50: ubyte, 1 byte.</summary>
    public const byte UByte = 0x50;

    /// <summary>0x60: ushort, 2 bytes.</summary>
    public const byte UShort = 0x60;

    /// <summary>0x70: uint, 4 bytes.</summary>
    public const byte UInt = 0x70;

    /// <summary>0x52: uint of 0 to 255, 1 byte.</summary>
    public const byte SmallUInt = 0x52;

    /// <summary>0x43: the uint 0, no bytes.</summary>
    public const byte UInt0 = 0x43;

    /// <summary>0x80: ulong, 8 bytes.</summary>
    public const byte ULong = 0x80;

    /// <summary>0x53: ulong of 0 to 255, 1 byte.</summary>
    public const byte SmallULong = 0x53;

    /// <summary>0x44: the ulong 0, no bytes.</summary>
    public const byte ULong0 = 0x44;

    /// <summary>0x51: byte (signed), 1 byte.</summary>
    public const byte Byte = 0x51;

    /// <summary>0x61: short, 2 bytes.</summary>
    public const byte Short = 0x61;

    /// <summary>0x71: int, 4 bytes.</summary>
    public const byte Int = 0x71;

    /// <summary>0x54: int of -128 to 127, 1 byte.</summary>
    public const byte SmallInt = 0x54;

    /// <summary>0x81: long, 8 bytes.</summary>
    public const byte Long = 0x81;

    /// <summary>0x55: long of -128 to 127, 1 byte.</summary>
    public const byte SmallLong = 0x55;

    /// <summary>0x72: float, 4 bytes.</summary>
    public const byte Float = 0x72;

    /// <summary>0x82: double, 8 bytes.</summary>
    public const byte Double = 0x82;

    /// <summary>0x74: decimal32, 4 bytes.</summary>
    public const byte Decimal32 = 0x74;

    /// <summary>0x84: decimal64, 8 bytes.</summary>
    public const byte Decimal64 = 0x84;

    /// <summary>0x94: decimal128, 16 bytes.</summary>
    public const byte Decimal128 = 0x94;

    /// <summary>0x73: char, a UTF-32 code unit in 4 bytes.</summary>
    public const byte Char = 0x73;

    /// <summary>0x83: timestamp, milliseconds since the Unix epoch in 8 bytes.</summary>
    public const byte Timestamp = 0x83;

    /// <summary>0x98: uuid, 16 bytes.</summary>
    public const byte Uuid = 0x98;

    /// <summary>0xa0: binary of up to 255 bytes.</summary>
    public const byte Binary8 = 0xa0;

    /// <summary>0xb0: binary with a 4-byte length.</summary>
    public const byte Binary32 = 0xb0;

    /// <summary>0xa1: string of up to 255 bytes of UTF-8.</summary>
    public const byte String8 = 0xa1;

    /// <summary>0xb1: string with a 4-byte length.</summary>
    public const byte String32 = 0xb1;

    /// <summary>0xa3: symbol of up to 255 bytes.</summary>
    public const byte Symbol8 = 0xa3;

    /// <summary>0xb3: symbol with a 4-byte length.</summary>
    public const byte Symbol32 = 0xb3;

    /// <summary>0x45: the empty list, no bytes.</summary>
    public const byte List0 = 0x45;

    /// <summary>0xc0: list with a 1-byte size and count.</summary>
    public const byte List8 = 0xc0;

    /// <summary>0xd0: list with a 4-byte size and count.</summary>
    public const byte List32 = 0xd0;

    /// <summary>0xc1: map with a 1-byte size and count.</summary>
    public const byte Map8 = 0xc1;

    /// <summary>0xd1: map with a 4-byte size and count.</summary>
    public const byte Map32 = 0xd1;

    /// <summary>0xe0: array with a 1-byte size and count.</summary>
    public const byte Array8 = 0xe0;

    /// <summary>0xf0: array with a 4-byte size and count.</summary>
    public const byte Array32 = 0xf0;

    /// <summary>Whether the code is a primitive encoding that AMQP 1.0 defines (<see cref="Described"/> is none).</summary>
    internal static bool IsPrimitive(byte code) => code switch
    {
        >= Null and <= List0 => true,
        >= UByte and <= Boolean => true,
        UShort or Short => true,
        >= UInt and <= Decimal32 => true,
        >= ULong and <= Decimal64 => true,
        Decimal128 or Uuid => true,
        Binary8 or String8 or Symbol8 or Binary32 or String32 or Symbol32 => true,
        List8 or Map8 or List32 or Map32 or Array8 or Array32 => true,
        _ => false,
    };
}
