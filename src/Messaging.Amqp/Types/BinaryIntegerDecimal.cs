namespace Messaging.Amqp;

/// <summary>One layout of IEEE 754-2008 decimal interchange formats in the binary integer encoding, which part 1, 1.6.13 to 1.6.15 prescribe.</summary>
/// <remarks>
/// From the top: sign; then, unless the next two bits are 11, the biased exponent and the coefficient. With 11, the exponent stands two
/// bits lower and the coefficient has an implied leading 100; 1111 is infinity (0 next) or NaN (1 next).
/// </remarks>
internal readonly struct BinaryIntegerDecimal(int width, int exponentBits, int bias, UInt128 maxCoefficient)
{
    public static readonly BinaryIntegerDecimal Format32 = new(32, 8, 101, 9_999_999);
    public static readonly BinaryIntegerDecimal Format64 = new(64, 10, 398, 9_999_999_999_999_999);
    public static readonly BinaryIntegerDecimal Format128 =
        new(128, 14, 6176, (new UInt128(0, 10_000_000_000_000_000) * 1_000_000_000_000_000_000) - 1);

    private readonly int _coefficientBits = width - 1 - exponentBits;

    public bool IsNaN(UInt128 bits) => ((uint)(bits >> (width - 6)) & 0x1f) == 0x1f;

    public bool IsInfinity(UInt128 bits) => ((uint)(bits >> (width - 6)) & 0x1f) == 0x1e;

    public bool IsNegative(UInt128 bits) => (bits >> (width - 1)) != 0;

    /// <summary>Splits a finite value. A coefficient above the largest stands for zero (IEEE 754-2008, 3.5.2).</summary>
    public void Split(UInt128 bits, out UInt128 coefficient, out int exponent)
    {
        UInt128 exponentMask = (UInt128.One << (width - 1 - _coefficientBits)) - 1;
        bool large = ((uint)(bits >> (width - 3)) & 3) == 3;
        int fieldBits = large ? _coefficientBits - 2 : _coefficientBits;
        exponent = (int)((bits >> fieldBits) & exponentMask) - bias;
        coefficient = bits & ((UInt128.One << fieldBits) - 1);
        if (large)
            coefficient |= UInt128.One << _coefficientBits;
        if (coefficient > maxCoefficient)
            coefficient = 0;
    }

    /// <summary>Exact, or false: NaN, infinity, too large, or more digits than <see cref="decimal"/> holds.</summary>
    public bool TryToDecimal(UInt128 bits, out decimal value)
    {
        value = default;
        if (IsNaN(bits) || IsInfinity(bits))
            return false;

        Split(bits, out UInt128 coefficient, out int exponent);
        if (coefficient == 0)
            exponent = Math.Clamp(exponent, -28, 0);
        while ((exponent < -28 || (coefficient >> 96) != 0) && exponent < 0 && coefficient % 10 == 0)
        {
            coefficient /= 10;
            exponent++;
        }

        while (exponent > 0 && (coefficient >> 96) == 0)
        {
            coefficient *= 10;
            exponent--;
        }

        if (exponent is < -28 or > 0 || (coefficient >> 96) != 0)
            return false;
        value = new decimal((int)(uint)coefficient, (int)(uint)(coefficient >> 32), (int)(uint)(coefficient >> 64), IsNegative(bits), (byte)-exponent);
        return true;
    }

    /// <summary>Exact, or false: more digits than the format holds. Trailing zeros are kept while they fit.</summary>
    public bool TryFromDecimal(decimal value, out UInt128 bits)
    {
        Span<int> parts = stackalloc int[4];
        decimal.GetBits(value, parts);
        UInt128 coefficient = new((uint)parts[2], ((ulong)(uint)parts[1] << 32) | (uint)parts[0]);
        int exponent = -((parts[3] >> 16) & 0xff);
        while (coefficient > maxCoefficient && coefficient % 10 == 0)
        {
            coefficient /= 10;
            exponent++;
        }

        bits = Join(parts[3] < 0, coefficient, exponent);
        return coefficient <= maxCoefficient;
    }

    public string ToString(UInt128 bits)
    {
        if (IsNaN(bits))
            return "NaN";
        string sign = IsNegative(bits) ? "-" : "";
        if (IsInfinity(bits))
            return sign + "Infinity";
        if (TryToDecimal(bits, out decimal value))
            return value.ToString(System.Globalization.CultureInfo.InvariantCulture);
        Split(bits, out UInt128 coefficient, out int exponent);
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{sign}{coefficient}E{exponent:+0;-0}");
    }

    private UInt128 Join(bool negative, UInt128 coefficient, int exponent)
    {
        UInt128 sign = negative ? UInt128.One << (width - 1) : 0;
        UInt128 biased = (UInt128)(uint)(exponent + bias);
        if ((coefficient >> _coefficientBits) == 0)
            return sign | (biased << _coefficientBits) | coefficient;

        UInt128 low = coefficient & ((UInt128.One << (_coefficientBits - 2)) - 1);
        return sign | ((UInt128)3 << (width - 3)) | (biased << (_coefficientBits - 2)) | low;
    }
}
