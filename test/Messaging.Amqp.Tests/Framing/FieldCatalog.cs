using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>Lists the fields of a composite: their names, and whether they are mandatory.</summary>
internal readonly struct FieldCatalog(List<(string Name, bool Mandatory)> fields) : IFieldVisitor
{
    public static IReadOnlyList<(string Name, bool Mandatory)> Of<T>()
        where T : struct, IComposite, allows ref struct
    {
        List<(string, bool)> fields = [];
        FieldCatalog visitor = new(fields);
        T value = default;
        value.Visit(ref visitor);
        return fields;
    }

    public void Boolean(string name, ref bool? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void UByte(string name, ref byte? value, bool mandatory = false, byte max = byte.MaxValue) => fields.Add((name, mandatory));

    public void UShort(string name, ref ushort? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void UInt(string name, ref uint? value, bool mandatory = false, uint max = uint.MaxValue) => fields.Add((name, mandatory));

    public void ULong(string name, ref ulong? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void Timestamp(string name, ref AmqpTimestamp? value) => fields.Add((name, false));

    public void String(string name, ref string? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void Symbol(string name, ref Symbol? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void Choice(string name, ref int? value, Symbol[] choices) => fields.Add((name, false));

    public void Symbols(string name, ref Symbol[]? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void Binary(string name, ref byte[]? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void Secret(string name, ref byte[]? value, bool mandatory = false) => fields.Add((name, mandatory));

    public void Tag(string name, ref ReadOnlySpan<byte> value, ref bool present) => fields.Add((name, false));

    public void Fields(string name, ref IReadOnlyDictionary<Symbol, object?>? value) => fields.Add((name, false));

    public void Unsettled(string name, ref IReadOnlyDictionary<object, object?>? value) => fields.Add((name, false));

    public void MessageId(string name, ref object? value) => fields.Add((name, false));

    public void Error(string name, ref AmqpError? value) => fields.Add((name, false));

    public void State(string name, ref DeliveryState? value) => fields.Add((name, false));

    public void Outcome(string name, ref Outcome? value) => fields.Add((name, false));

    public void Source(string name, ref Source? value) => fields.Add((name, false));

    public void Target(string name, ref object? value) => fields.Add((name, false));
}
