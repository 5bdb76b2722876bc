using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Messaging.Amqp;

namespace Messaging;

/// <summary>Which CLR types a message takes (AMQP 1.0 part 1, 1.6; the mapping is in the guide).</summary>
internal static class BodyTypes
{
    private const string Simple =
        "bool, byte, sbyte, short, ushort, int, uint, long, ulong, float, double, decimal, AmqpDecimal32/64/128, char, Rune, string, Symbol, Guid, DateTime, DateTimeOffset, AmqpTimestamp, byte[] and ReadOnlyMemory<byte>";

    /// <summary>Whether the value becomes a data section rather than an amqp-value.</summary>
    public static bool IsBinary(object? value) => IsBytes(value) || value is ReadOnlyMemory<byte> or Memory<byte>;

    /// <summary>Whether AMQP calls the type primitive and not a compound: what application properties may hold (part 3, 3.2.5).</summary>
    public static bool IsSimple(object? value) => value is null or string or bool or byte or sbyte or short or ushort or int or uint or long or ulong
        or float or double or decimal or AmqpDecimal32 or AmqpDecimal64 or AmqpDecimal128 or char or Rune or Symbol or Guid or DateTime or DateTimeOffset or AmqpTimestamp
        || IsBinary(value);

    /// <summary>Gives the body back, or throws when AMQP has no type for it. What is inside lists, maps and arrays is checked by the encoder.</summary>
    public static object? Check(object? body)
    {
        if (body is Memory<byte> memory)
            return (ReadOnlyMemory<byte>)memory;
        if (IsSimple(body) || body is IList or IDictionary or AmqpArray or Described or IReadOnlyList<object?>
            or IReadOnlyDictionary<object, object?> or IReadOnlyDictionary<string, object?> or IReadOnlyDictionary<Symbol, object?>)
            return body;
        ThrowUnsupported(body);
        return null;
    }

    /// <summary>Throws unless the value may stand in the application properties.</summary>
    public static void CheckApplicationProperty(string key, object? value)
    {
        if (!IsSimple(value))
            ThrowNotSimple(key, value!);
    }

    /// <summary>Throws unless the value may be a message-id or correlation-id (part 3, 3.2.11 to 3.2.14).</summary>
    public static object? CheckId(object? value, string property)
    {
        if (value is null or string or ulong or Guid || IsBytes(value))
            return value;
        throw new ArgumentException($"{property} is a string, a ulong, a Guid or a byte[] (AMQP 1.0 part 3, 3.2.4), not {value.GetType()}.", nameof(value));
    }

    // The CLR lets an sbyte[] pass for a byte[]: compare the exact type.
    private static bool IsBytes(object? value) => value is byte[] && value.GetType() == typeof(byte[]);

    [DoesNotReturn]
    private static void ThrowUnsupported(object? body) =>
        throw new ArgumentException($"AMQP has no type for {body?.GetType()}. A body is {Simple}, or a list (IList), map (IDictionary), array (T[] or AmqpArray) or Described of these: serialise other types to byte[] or string first.", nameof(body));

    [DoesNotReturn]
    private static void ThrowNotSimple(string key, object value) =>
        throw new ArgumentException($"The application property '{key}' is {value.GetType()}. Application properties are {Simple} (AMQP 1.0 part 3, 3.2.5): put lists, maps, arrays and described values into the body or into MessageAnnotations.", nameof(value));
}
