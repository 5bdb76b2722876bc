using System.Globalization;
using CsCheck;

namespace Messaging.Amqp.Tests.Types;

public class PrimitiveTypeTests
{
    // The bits of decimal32 and decimal64 are those of the examples in IEEE 754-2008 decoders (Intel's library): sign, exponent + bias, coefficient.
    [Theory]
    [InlineData("1", 0x32800001u, 0x31c0000000000001ul)]
    [InlineData("-1", 0xb2800001u, 0xb1c0000000000001ul)]
    [InlineData("0.1", 0x32000001u, 0x31a0000000000001ul)]
    [InlineData("1.00", 0x31800064u, 0x3180000000000064ul)]
    [InlineData("0", 0x32800000u, 0x31c0000000000000ul)]
    [InlineData("8388608", 0x6ca00000u, 0x31c0000000800000ul)]
    [InlineData("9999999", 0x6cb8967fu, 0x31c000000098967ful)]
    [InlineData("-9999999", 0xecb8967fu, 0xb1c000000098967ful)]
    public void Decimal_KnownNumbers_HaveTheirBits(string text, uint bits32, ulong bits64)
    {
        decimal value = decimal.Parse(text, CultureInfo.InvariantCulture);

        Assert.Equal(bits32, ((AmqpDecimal32)value).Bits);
        Assert.Equal(bits64, ((AmqpDecimal64)value).Bits);
        Assert.Equal(text, new AmqpDecimal32(bits32).ToString());
        Assert.Equal(text, ((decimal)new AmqpDecimal64(bits64)).ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Decimal64_LargestCoefficient_UsesTheSecondForm()
    {
        Assert.Equal(0x6c7386f26fc0fffful, ((AmqpDecimal64)9_999_999_999_999_999m).Bits);
        Assert.Equal(9_999_999_999_999_999m, (decimal)new AmqpDecimal64(0x6c7386f26fc0fffful));
    }

    [Fact]
    public void Decimal128_AnyDecimal_ComesBackWithItsScale() => Gen.Decimal.Sample(d =>
    {
        decimal back = (decimal)(AmqpDecimal128)d;

        Assert.Equal(decimal.GetBits(d), decimal.GetBits(back));
    });

    [Fact]
    public void Decimal32And64_AnyFinite_ConvertExactlyOrNotAtAll() => Gen.Select(Gen.UInt, Gen.ULong).Sample((bits32, bits64) =>
    {
        if (new AmqpDecimal32(bits32).TryToDecimal(out decimal d32))
            Assert.Equal(d32, (decimal)(AmqpDecimal32)d32);
        if (new AmqpDecimal64(bits64).TryToDecimal(out decimal d64))
            Assert.Equal(d64, (decimal)(AmqpDecimal64)d64);
    });

    [Fact]
    public void Decimal_WhatDoesNotFit_Throws()
    {
        Assert.Throws<OverflowException>(() => (AmqpDecimal32)12345678m);
        Assert.Throws<OverflowException>(() => (AmqpDecimal64)12345678901234567m);
        Assert.Throws<OverflowException>(() => (decimal)new AmqpDecimal32(0x78000000));
        Assert.Throws<OverflowException>(() => (decimal)new AmqpDecimal32(0x7c000000));
        Assert.Throws<OverflowException>(() => (decimal)new AmqpDecimal32(0x5f000001));
        Assert.Throws<OverflowException>(() => (decimal)new AmqpDecimal128(UInt128.One));
        Assert.Equal(12345670000m, (decimal)(AmqpDecimal32)12345670000m);
    }

    [Theory]
    [InlineData(0x78000000u, "Infinity")]
    [InlineData(0xf8000000u, "-Infinity")]
    [InlineData(0x7c000000u, "NaN")]
    [InlineData(0x00000001u, "1E-101")]
    [InlineData(0x5f800001u, "1E+90")]
    [InlineData(0x7fffffffu, "NaN")]
    public void Decimal32_SpecialValues_AreShown(uint bits, string expected)
    {
        AmqpDecimal32 value = new(bits);

        Assert.Equal(expected, value.ToString());
        Assert.Equal(expected.EndsWith("Infinity", StringComparison.Ordinal), value.IsInfinity);
        Assert.Equal(string.Equals(expected, "NaN", StringComparison.Ordinal), value.IsNaN);
    }

    [Fact]
    public void Decimal32_CoefficientAboveTheLargest_IsZero() => Assert.Equal(0m, (decimal)new AmqpDecimal32(0x6cbfffff));

    [Fact]
    public void Timestamp_BoundsOfDateTime_Convert()
    {
        AmqpTimestamp first = AmqpTimestamp.FromDateTime(DateTime.MinValue);
        AmqpTimestamp last = AmqpTimestamp.FromDateTime(DateTime.MaxValue);

        Assert.Equal((-62_135_596_800_000, 253_402_300_799_999), (first.Milliseconds, last.Milliseconds));
        Assert.True(first.IsDateTime && last.IsDateTime);
        Assert.Equal(DateTime.MinValue, first.ToDateTime());
        Assert.False(new AmqpTimestamp(first.Milliseconds - 1).IsDateTime);
        Assert.Throws<OverflowException>(() => (DateTimeOffset)new AmqpTimestamp(last.Milliseconds + 1));
        Assert.Throws<OverflowException>(() => new AmqpTimestamp(long.MinValue).ToDateTime());
        Assert.Equal(DateTimeOffset.MinValue, new AmqpTimestamp(long.MinValue).ToClampedDateTimeOffset());
        Assert.Equal(last.ToDateTimeOffset(), new AmqpTimestamp(long.MaxValue).ToClampedDateTimeOffset());
        Assert.Equal("2011-07-26T18:21:03.521Z", new AmqpTimestamp(1311704463521).ToString());
    }

    [Fact]
    public void Symbol_TextBeyondAscii_Throws()
    {
        Assert.Throws<ArgumentException>(() => new Symbol("é"));
        Assert.Throws<ArgumentNullException>(() => new Symbol(null!));
        Assert.Equal(default, new Symbol(""));
        Assert.Equal(default(Symbol).GetHashCode(), new Symbol("").GetHashCode());
        Assert.True((Symbol)"A" < (Symbol)"a" && (Symbol)"a" != (Symbol)"A" && (Symbol)"b" >= (Symbol)"b");
    }

    [Fact]
    public void AmqpArray_WrongArguments_Throw()
    {
        Assert.Throws<ArgumentException>(() => new AmqpArray(0x00, []));
        Assert.Throws<ArgumentException>(() => new AmqpArray(0x46, []));
        Assert.Throws<ArgumentException>(() => new AmqpArray(FormatCode.Int, [], [null!]));
        Assert.Throws<ArgumentNullException>(() => new AmqpArray(FormatCode.Int, null!));
    }

    [Fact]
    public void FormatCode_IsPrimitive_HoldsForThoseOfPart1()
    {
        byte[] primitives =
        [
            0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x60, 0x61, 0x70, 0x71, 0x72, 0x73, 0x74, 0x80, 0x81, 0x82, 0x83, 0x84, 0x94, 0x98,
            0xa0, 0xa1, 0xa3, 0xb0, 0xb1, 0xb3, 0xc0, 0xc1, 0xd0, 0xd1, 0xe0, 0xf0,
        ];

        Assert.Equal(primitives, Enumerable.Range(0, 256).Select(c => (byte)c).Where(FormatCode.IsPrimitive));
    }

    [Fact]
    public void AmqpError_PeersText_IsEscapedAndCut()
    {
        Assert.Equal("amqp:not-found: no\\u000d\\u000anode \\u001b[1m", new AmqpError("amqp:not-found", "no\r\nnode \u001b[1m").ToString());
        Assert.Equal(1024, new AmqpError("amqp:not-found", new string('x', 5000)).ToString().Length);
        Assert.Equal("amqp:not-found", new AmqpError(ErrorCondition.NotFound).ToString());
    }
}
