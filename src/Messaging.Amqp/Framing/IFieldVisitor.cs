namespace Messaging.Amqp.Framing;

/// <summary>What is done with each field of a composite. A null value is an absent field (AMQP 1.0 part 1, 1.4).</summary>
/// <remarks>Fields whose CLR type is not nullable, and enumerations, go through <see cref="FieldVisitorExtensions"/>.</remarks>
internal interface IFieldVisitor
{
    void Boolean(string name, ref bool? value, bool mandatory = false);

    void UByte(string name, ref byte? value, bool mandatory = false, byte max = byte.MaxValue);

    void UShort(string name, ref ushort? value, bool mandatory = false);

    void UInt(string name, ref uint? value, bool mandatory = false, uint max = uint.MaxValue);

    void ULong(string name, ref ulong? value, bool mandatory = false);

    void Timestamp(string name, ref AmqpTimestamp? value);

    void String(string name, ref string? value, bool mandatory = false);

    void Symbol(string name, ref Symbol? value, bool mandatory = false);

    /// <summary>A symbol out of a closed list; the value is the index into <paramref name="choices"/>.</summary>
    void Choice(string name, ref int? value, Symbol[] choices);

    /// <summary>A field with <c>multiple="true"</c>: on the wire one symbol or an array of them.</summary>
    void Symbols(string name, ref Symbol[]? value, bool mandatory = false);

    void Binary(string name, ref byte[]? value, bool mandatory = false);

    /// <summary>Binary that may hold credentials: never printed.</summary>
    void Secret(string name, ref byte[]? value, bool mandatory = false);

    /// <summary>The delivery tag: at most 32 bytes (part 2, 2.8.7). Read as a view of the input.</summary>
    void Tag(string name, ref ReadOnlySpan<byte> value, ref bool present);

    /// <summary>A map with symbols as keys (part 2, 2.8.13).</summary>
    void Fields(string name, ref IReadOnlyDictionary<Symbol, object?>? value);

    /// <summary>The map from delivery tag (<c>byte[]</c>) to <see cref="DeliveryState"/> or null of an attach (part 2, 2.7.3).</summary>
    void Unsettled(string name, ref IReadOnlyDictionary<object, object?>? value);

    /// <summary>A message id: string, ulong, <see cref="Guid"/> or <c>byte[]</c> (part 3, 3.2.11–3.2.14).</summary>
    void MessageId(string name, ref object? value);

    void Error(string name, ref AmqpError? value);

    void State(string name, ref DeliveryState? value);

    void Outcome(string name, ref Outcome? value);

    void Source(string name, ref Source? value);

    /// <summary>A <see cref="Amqp.Target"/> or a <see cref="Coordinator"/>.</summary>
    void Target(string name, ref object? value);
}
