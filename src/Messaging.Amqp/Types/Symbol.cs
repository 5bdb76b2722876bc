using System.Text;

namespace Messaging.Amqp;

/// <summary>An AMQP symbol (AMQP 1.0 part 1, 1.6.21): a short ASCII name from a constrained domain, such as an error condition or a capability.</summary>
/// <remarks>The default value is the empty symbol. Symbols compare ordinally, case matters.</remarks>
public readonly struct Symbol : IEquatable<Symbol>, IComparable<Symbol>
{
    private readonly string? _value;

    /// <summary>Creates a symbol.</summary>
    /// <param name="value">Seven-bit ASCII characters only; may be empty.</param>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    /// <exception cref="ArgumentException"><paramref name="value"/> has a character beyond U+007F.</exception>
    public Symbol(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (!Ascii.IsValid(value))
            throw new ArgumentException("A symbol consists of ASCII characters only; use a string for other text.", nameof(value));
        _value = value;
    }

    private Symbol(string value, bool _) => _value = value;

    /// <summary>The text of the symbol, never null.</summary>
    public string Value => _value ?? "";

    /// <summary>Makes a symbol of a string, see <see cref="Symbol(string)"/>.</summary>
    /// <param name="value">Seven-bit ASCII characters only.</param>
    public static implicit operator Symbol(string value) => new(value);

    /// <summary>Whether both have the same text.</summary>
    /// <param name="left">One symbol.</param>
    /// <param name="right">The other symbol.</param>
    public static bool operator ==(Symbol left, Symbol right) => left.Equals(right);

    /// <summary>Whether the texts differ.</summary>
    /// <param name="left">One symbol.</param>
    /// <param name="right">The other symbol.</param>
    public static bool operator !=(Symbol left, Symbol right) => !left.Equals(right);

    /// <summary>Whether <paramref name="left"/> sorts before <paramref name="right"/>, ordinally.</summary>
    /// <param name="left">One symbol.</param>
    /// <param name="right">The other symbol.</param>
    public static bool operator <(Symbol left, Symbol right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> sorts before or equals <paramref name="right"/>, ordinally.</summary>
    /// <param name="left">One symbol.</param>
    /// <param name="right">The other symbol.</param>
    public static bool operator <=(Symbol left, Symbol right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> sorts after <paramref name="right"/>, ordinally.</summary>
    /// <param name="left">One symbol.</param>
    /// <param name="right">The other symbol.</param>
    public static bool operator >(Symbol left, Symbol right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> sorts after or equals <paramref name="right"/>, ordinally.</summary>
    /// <param name="left">One symbol.</param>
    /// <param name="right">The other symbol.</param>
    public static bool operator >=(Symbol left, Symbol right) => left.CompareTo(right) >= 0;

    /// <inheritdoc/>
    public bool Equals(Symbol other) => string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Symbol other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public int CompareTo(Symbol other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>The text of the symbol.</summary>
    public override string ToString() => Value;

    /// <summary>Skips the ASCII check, for text that was decoded from checked bytes.</summary>
    internal static Symbol FromAscii(string value) => new(value, false);
}
