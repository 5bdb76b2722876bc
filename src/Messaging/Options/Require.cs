using System.Runtime.CompilerServices;

namespace Messaging;

/// <summary>Checks of options, named after the option that is wrong.</summary>
internal static class Require
{
    private static readonly TimeSpan ShortestIdle = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestIdle = TimeSpan.FromDays(24);

    public static void Range(long value, long minimum, long maximum, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value < minimum || value > maximum)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be from {minimum} to {maximum}.");
    }

    public static void PositiveOrInfinite(TimeSpan value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value <= TimeSpan.Zero && value != Timeout.InfiniteTimeSpan)
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be above zero, or Timeout.InfiniteTimeSpan for no limit.");
    }

    public static void IdleTimeout(TimeSpan value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value != TimeSpan.Zero && (value < ShortestIdle || value > LongestIdle))
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; it must be zero for none, or from {ShortestIdle} to {LongestIdle}.");
    }

    public static void NotEmpty(string? value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        if (value is { Length: 0 })
            throw new ArgumentException($"{name} is empty: set a name, or leave it null.", name);
    }
}
