using System.Globalization;

namespace Messaging.Configuration;

/// <summary>Makes the values of settings of their texts.</summary>
internal static class SettingParser
{
    private const int LongestMechanism = 20; // RFC 4422, 3.1

    public delegate bool Try<T>(string text, out T value);

    public static bool Text(string text, out string value)
    {
        value = text;
        return true;
    }

    public static bool Name(string text, out string value)
    {
        value = text;
        return text.Length > 0;
    }

    public static bool Scheme(string text, out string value)
    {
        value = text;
        return text is ConnectionUrl.Amqp or ConnectionUrl.Amqps;
    }

    /// <summary>A host as a URL has it: IPv6 addresses in brackets, which may be missing here.</summary>
    public static bool Host(string text, out string value)
    {
        value = text.Contains(':', StringComparison.Ordinal) && !text.StartsWith('[') ? $"[{text}]" : text;
        return text.Length > 0
            && !text.AsSpan().ContainsAny('/', '@')
            && ConnectionUrl.TryParse($"{ConnectionUrl.Amqp}://{value}:1", out _); // a second port is one too many
    }

    /// <summary>A number, or the name of a port as in connect.json.</summary>
    public static bool Port(string text, out int value)
    {
        value = text switch
        {
            ConnectionUrl.Amqp => 5672,
            ConnectionUrl.Amqps => 5671,
            _ => Digits(text, out int number) ? number : 0,
        };
        return value is > 0 and <= ushort.MaxValue;
    }

    public static Try<int> Number(int minimum, int maximum) => (string text, out int value) => Digits(text, out value) && value >= minimum && value <= maximum;

    public static bool Limit(string text, out TimeSpan value)
    {
        value = Timeout.InfiniteTimeSpan;
        return text == "infinite" || (Time(text, out value) && Require.IsTimeout(value));
    }

    public static bool IdleTimeout(string text, out TimeSpan value) => Time(text, out value) && Require.IsIdleTimeout(value);

    public static bool IsMechanism(string name) =>
        name.Length is > 0 and <= LongestMechanism && name.All(static c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c is '-' or '_');

    private static bool Digits(string text, out int value) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    /// <summary>A bare number is refused: to .NET it is days, to whoever wrote it seconds.</summary>
    private static bool Time(string text, out TimeSpan value)
    {
        value = default;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value);
    }
}
