using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Messaging.Amqp;

// The fixed-width primitives, AMQP 1.0 part 1, 1.6.2 to 1.6.18. Read… takes a value with its format code, Get… what stands behind a code.
public ref partial struct AmqpReader
{
    /// <summary>Reads a boolean (1.6.2).</summary>
    public bool ReadBoolean() => GetBoolean(Next());

    /// <summary>Reads a ubyte (1.6.3).</summary>
    public byte ReadUByte()
    {
        Expect(FormatCode.UByte, "a ubyte");
        return Next();
    }

    /// <summary>Reads a signed byte (1.6.7).</summary>
    public sbyte ReadByte()
    {
        Expect(FormatCode.Byte, "a byte");
        return (sbyte)Next();
    }

    /// <summary>Reads a ushort (1.6.4).</summary>
    public ushort ReadUShort()
    {
        Expect(FormatCode.UShort, "a ushort");
        return BinaryPrimitives.ReadUInt16BigEndian(Take(2));
    }

    /// <summary>Reads a short (1.6.8).</summary>
    public short ReadShort()
    {
        Expect(FormatCode.Short, "a short");
        return BinaryPrimitives.ReadInt16BigEndian(Take(2));
    }

    /// <summary>Reads a uint (1.6.5).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint ReadUInt()
    {
        byte code = Next();
        return code == FormatCode.SmallUInt ? Next() : GetUInt(code);
    }

    /// <summary>Reads an int (1.6.9).</summary>
    public int ReadInt() => GetInt(Next());

    /// <summary>Reads a ulong (1.6.6).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReadULong()
    {
        byte code = Next();
        return code == FormatCode.SmallULong ? Next() : GetULong(code);
    }

    /// <summary>Reads a long (1.6.10).</summary>
    public long ReadLong() => GetLong(Next());

    /// <summary>Reads a float (1.6.11).</summary>
    public float ReadFloat()
    {
        Expect(FormatCode.Float, "a float");
        return BinaryPrimitives.ReadSingleBigEndian(Take(4));
    }

    /// <summary>Reads a double (1.6.12).</summary>
    public double ReadDouble()
    {
        Expect(FormatCode.Double, "a double");
        return BinaryPrimitives.ReadDoubleBigEndian(Take(8));
    }

    /// <summary>Reads a decimal32 (1.6.13).</summary>
    public AmqpDecimal32 ReadDecimal32()
    {
        Expect(FormatCode.Decimal32, "a decimal32");
        return new AmqpDecimal32(Take32());
    }

    /// <summary>Reads a decimal64 (1.6.14).</summary>
    public AmqpDecimal64 ReadDecimal64()
    {
        Expect(FormatCode.Decimal64, "a decimal64");
        return new AmqpDecimal64(Take64());
    }

    /// <summary>Reads a decimal128 (1.6.15).</summary>
    public AmqpDecimal128 ReadDecimal128()
    {
        Expect(FormatCode.Decimal128, "a decimal128");
        return new AmqpDecimal128(BinaryPrimitives.ReadUInt128BigEndian(Take(16)));
    }

    /// <summary>Reads a char (1.6.16).</summary>
    public Rune ReadChar()
    {
        Expect(FormatCode.Char, "a char");
        return GetChar();
    }

    /// <summary>Reads a timestamp (1.6.17).</summary>
    public AmqpTimestamp ReadTimestamp()
    {
        Expect(FormatCode.Timestamp, "a timestamp");
        return new AmqpTimestamp((long)Take64());
    }

    /// <summary>Reads a uuid (1.6.18).</summary>
    public Guid ReadUuid()
    {
        Expect(FormatCode.Uuid, "a uuid");
        return new Guid(Take(16), bigEndian: true);
    }

    private bool GetBoolean(byte code)
    {
        if (code == FormatCode.BooleanTrue)
            return true;
        if (code == FormatCode.BooleanFalse)
            return false;
        if (code != FormatCode.Boolean)
            ThrowUnexpected(code, "a boolean");
        byte value = Next();
        if (value > 1)
            ThrowBadBoolean(value);
        return value == 1;
    }

    private uint GetUInt(byte code)
    {
        switch (code)
        {
            case FormatCode.UInt: return Take32();
            case FormatCode.UInt0: return 0;
            case FormatCode.SmallUInt: return Next();
            default: ThrowUnexpected(code, "a uint"); return 0;
        }
    }

    private int GetInt(byte code)
    {
        switch (code)
        {
            case FormatCode.SmallInt: return (sbyte)Next();
            case FormatCode.Int: return (int)Take32();
            default: ThrowUnexpected(code, "an int"); return 0;
        }
    }

    private ulong GetULong(byte code)
    {
        switch (code)
        {
            case FormatCode.ULong: return Take64();
            case FormatCode.ULong0: return 0;
            case FormatCode.SmallULong: return Next();
            default: ThrowUnexpected(code, "a ulong"); return 0;
        }
    }

    private long GetLong(byte code)
    {
        switch (code)
        {
            case FormatCode.SmallLong: return (sbyte)Next();
            case FormatCode.Long: return (long)Take64();
            default: ThrowUnexpected(code, "a long"); return 0;
        }
    }

    private Rune GetChar()
    {
        uint value = Take32();
        if (!Rune.TryCreate(value, out Rune rune))
            ThrowBadChar(value);
        return rune;
    }

    private ulong Take64() => BinaryPrimitives.ReadUInt64BigEndian(Take(8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Expect(byte code, string expected)
    {
        byte found = Next();
        if (found != code)
            ThrowUnexpected(found, expected);
    }

    [DoesNotReturn]
    private static void ThrowBadBoolean(byte value) =>
        AmqpCodecException.ThrowDecodeError($"A boolean must be 0x00 or 0x01, not 0x{value:x2}.");

    [DoesNotReturn]
    private static void ThrowBadChar(uint value) =>
        AmqpCodecException.ThrowDecodeError($"0x{value:x8} is not a Unicode character.");
}
