namespace Messaging.Amqp;

/// <summary>An AMQP timestamp (part 1, 1.6.17) as it is on the wire: milliseconds since 1970-01-01T00:00:00Z.</summary>
/// <remarks>
/// Values inside the range of <see cref="DateTime"/> decode to <see cref="DateTime"/> (UTC) where an untyped value is read; the others to this type.
/// Conversions to it drop what is finer than a millisecond, towards the past.
/// </remarks>
/// <param name="Milliseconds">Milliseconds since the Unix epoch; negative before it. Every value is allowed.</param>
public readonly record struct AmqpTimestamp(long Milliseconds) : IComparable<AmqpTimestamp>
{
    private const long EpochMilliseconds = 62_135_596_800_000;
    private const long MaxDateTimeMilliseconds = 253_402_300_799_999;

    /// <summary>Whether the value fits <see cref="DateTime"/> and <see cref="DateTimeOffset"/> (the years 1 to 9999).</summary>
    public bool IsDateTime => Milliseconds is >= -EpochMilliseconds and <= MaxDateTimeMilliseconds;

    /// <summary>The timestamp of a moment.</summary>
    /// <param name="value">Any moment; its offset is not kept.</param>
    public static implicit operator AmqpTimestamp(DateTimeOffset value) => FromUtcTicks(value.UtcTicks);

    /// <summary>The moment of the timestamp, see <see cref="ToDateTimeOffset"/>.</summary>
    /// <param name="value">A timestamp for which <see cref="IsDateTime"/> holds.</param>
    public static explicit operator DateTimeOffset(AmqpTimestamp value) => value.ToDateTimeOffset();

    /// <summary>Whether <paramref name="left"/> is earlier.</summary>
    /// <param name="left">One timestamp.</param>
    /// <param name="right">The other timestamp.</param>
    public static bool operator <(AmqpTimestamp left, AmqpTimestamp right) => left.Milliseconds < right.Milliseconds;

    /// <summary>Whether <paramref name="left"/> is earlier or the same.</summary>
    /// <param name="left">One timestamp.</param>
    /// <param name="right">The other timestamp.</param>
    public static bool operator <=(AmqpTimestamp left, AmqpTimestamp right) => left.Milliseconds <= right.Milliseconds;

    /// <summary>Whether <paramref name="left"/> is later.</summary>
    /// <param name="left">One timestamp.</param>
    /// <param name="right">The other timestamp.</param>
    public static bool operator >(AmqpTimestamp left, AmqpTimestamp right) => left.Milliseconds > right.Milliseconds;

    /// <summary>Whether <paramref name="left"/> is later or the same.</summary>
    /// <param name="left">One timestamp.</param>
    /// <param name="right">The other timestamp.</param>
    public static bool operator >=(AmqpTimestamp left, AmqpTimestamp right) => left.Milliseconds >= right.Milliseconds;

    /// <summary>The timestamp of a moment.</summary>
    /// <param name="value">Local time is converted; a value of unspecified kind is taken as UTC, so that the result does not depend on the machine.</param>
    public static AmqpTimestamp FromDateTime(DateTime value) =>
        FromUtcTicks(value.Kind == DateTimeKind.Local ? value.ToUniversalTime().Ticks : value.Ticks);

    /// <summary>The moment, in UTC.</summary>
    /// <exception cref="OverflowException"><see cref="IsDateTime"/> does not hold.</exception>
    public DateTime ToDateTime() => IsDateTime ? new DateTime(UtcTicks, DateTimeKind.Utc) : throw OutOfRange();

    /// <summary>The moment, with offset zero.</summary>
    /// <exception cref="OverflowException"><see cref="IsDateTime"/> does not hold.</exception>
    public DateTimeOffset ToDateTimeOffset() => IsDateTime ? new DateTimeOffset(UtcTicks, TimeSpan.Zero) : throw OutOfRange();

    /// <summary>The moment, or the nearest one that <see cref="DateTimeOffset"/> has, to the millisecond.</summary>
    public DateTimeOffset ToClampedDateTimeOffset() =>
        new AmqpTimestamp(Math.Clamp(Milliseconds, -EpochMilliseconds, MaxDateTimeMilliseconds)).ToDateTimeOffset();

    /// <inheritdoc/>
    public int CompareTo(AmqpTimestamp other) => Milliseconds.CompareTo(other.Milliseconds);

    /// <summary>ISO 8601 in UTC, or the number of milliseconds when it is outside the years 1 to 9999.</summary>
    public override string ToString() =>
        IsDateTime ? ToDateTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture) : $"{Milliseconds} ms";

    private long UtcTicks => (Milliseconds + EpochMilliseconds) * TimeSpan.TicksPerMillisecond;

    // Ticks are never negative, so the division rounds towards the past for every moment.
    private static AmqpTimestamp FromUtcTicks(long ticks) => new((ticks / TimeSpan.TicksPerMillisecond) - EpochMilliseconds);

    private OverflowException OutOfRange() => new($"The timestamp {Milliseconds} ms is outside the years 1 to 9999.");
}
