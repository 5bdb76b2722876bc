namespace Messaging.Amqp;

/// <summary>An AMQP decimal32 (part 1, 1.6.13): IEEE 754-2008 decimal32 with 7 digits, in the Binary Integer Decimal encoding that the standard prescribes.</summary>
/// <remarks>
/// Holds the raw bits, so every value passes unchanged, NaN and infinities included. Equality is over the bits:
/// 1.0 and 1.00 differ. Convert to <see cref="decimal"/> to compute.
/// </remarks>
/// <param name="Bits">The 32 bits as a number; on the wire in network byte order.</param>
public readonly record struct AmqpDecimal32(uint Bits)
{
    /// <summary>Whether the value is not a number.</summary>
    public bool IsNaN => BinaryIntegerDecimal.Format32.IsNaN(Bits);

    /// <summary>Whether the value is an infinity of either sign.</summary>
    public bool IsInfinity => BinaryIntegerDecimal.Format32.IsInfinity(Bits);

    /// <summary>The exact value.</summary>
    /// <param name="value">A finite value that <see cref="decimal"/> can hold exactly.</param>
    /// <exception cref="OverflowException">NaN, infinity, too large, or too many digits: see <see cref="TryToDecimal"/>.</exception>
    public static explicit operator decimal(AmqpDecimal32 value) =>
        value.TryToDecimal(out decimal result) ? result : throw new OverflowException($"The decimal32 {value} has no exact System.Decimal value.");

    /// <summary>The exact value; trailing zeros are kept while they fit.</summary>
    /// <param name="value">A number of at most 7 significant digits.</param>
    /// <exception cref="OverflowException">The value has more significant digits.</exception>
    public static explicit operator AmqpDecimal32(decimal value) =>
        BinaryIntegerDecimal.Format32.TryFromDecimal(value, out UInt128 bits)
            ? new AmqpDecimal32((uint)bits)
            : throw new OverflowException("The value has more than 7 significant digits, which decimal32 cannot hold.");

    /// <summary>Converts without rounding.</summary>
    /// <param name="value">The exact value, 0 when the result is false.</param>
    /// <returns>False for NaN, infinities, values beyond the range of <see cref="decimal"/> and values with more digits than it holds.</returns>
    public bool TryToDecimal(out decimal value) => BinaryIntegerDecimal.Format32.TryToDecimal(Bits, out value);

    /// <summary>The number in invariant notation, with an exponent when <see cref="decimal"/> cannot hold it.</summary>
    public override string ToString() => BinaryIntegerDecimal.Format32.ToString(Bits);
}
