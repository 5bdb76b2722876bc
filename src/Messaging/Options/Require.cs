using System.Runtime.CompilerServices;

namespace Messaging;

/// <summary>Checks of options, named after the option that is wrong.</summary>
internal static class Require
{
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(24);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(49); // timers count milliseconds in 32 bits

    public static void Range(long value, long minimum, long maximum, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value < minimum || value > maximum)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be from {minimum} to {maximum}.");
    }

    public static void Fraction(double value, double minimum, double maximum, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!(value >= minimum && value <= maximum)) // not a number is neither
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be from {minimum} to {maximum}.");
    }

    public static void PositiveOrInfinite(TimeSpan value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value != Timeout.InfiniteTimeSpan && !IsTimeout(value))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be above zero and at most {LongestTimeout.Days} days, or Timeout.InfiniteTimeSpan for no limit.");
    }

    /// <summary>Whether it is above zero, and not longer than a timer can be set to.</summary>
    public static bool IsTimeout(TimeSpan value) => value > TimeSpan.Zero && value <= LongestTimeout;

    public static void Defined<T>(T value, [CallerArgumentExpression(nameof(value))] string? name = null)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}, which is no {typeof(T).Name}.");
    }

    /// <summary>The list as it is now: what the application does with its own later has no effect.</summary>
    public static IReadOnlyList<T> Copy<T>(IReadOnlyList<T> list, [CallerArgumentExpression(nameof(list))] string? name = null)
    {
        ArgumentNullException.ThrowIfNull(list, name);
        return [.. list];
    }

    public static void IdleTimeout(TimeSpan value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (!IsIdleTimeout(value))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be zero for none, or from {ShortestIdle} to {LongestIdle}.");
    }

    public static bool IsIdleTimeout(TimeSpan value) => value == TimeSpan.Zero || (value >= ShortestIdle && value <= LongestIdle);

    /// <summary>RFC 4422, 3.1: 1 to 20 of A-Z, 0-9, hyphen and underscore; lower case is taken for what is only compared.</summary>
    public static void MechanismNames(IEnumerable<string?>? names, bool isUpperCase = false, [CallerArgumentExpression(nameof(names))] string? name = null)
    {
        foreach (string? mechanism in names ?? [])
        {
            bool isRight = mechanism is { Length: >= 1 and <= 20 }
                && mechanism.All(c => char.IsAsciiLetterUpper(c) || (!isUpperCase && char.IsAsciiLetterLower(c)) || char.IsAsciiDigit(c) || c is '-' or '_');
            if (!isRight)
                throw new ArgumentException($"{name} has '{mechanism}', which is no name of a SASL mechanism: 1 to 20 of A-Z, 0-9, hyphen and underscore.", name);
        }
    }

    public static void NotEmpty(string? value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value is { Length: 0 })
            throw new ArgumentException($"{name} is empty: set a name, or leave it null.", name);
    }
}
