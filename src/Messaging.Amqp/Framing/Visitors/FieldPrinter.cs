using System.Globalization;
using System.Text;

namespace Messaging.Amqp.Framing;

/// <summary>Prints the fields that are there in the form of Proton's frame trace. Secrets are left out, text of the peer is escaped and cut.</summary>
internal struct FieldPrinter(StringBuilder text) : IFieldVisitor
{
    private bool _any;

    public override readonly string ToString() => text.ToString();

    /// <summary>Prints a whole composite: its name, its code and its fields.</summary>
    public readonly void Composite<T>(in T value)
        where T : struct, IComposite, allows ref struct
    {
        T copy = value;
        text.Append('@').Append(DescriptorNames.Short(T.Name)).Append('(').Append(T.Code).Append(") [");
        FieldPrinter fields = new(text);
        copy.Visit(ref fields);
        text.Append(']');
    }

    public void Boolean(string name, ref bool? value, bool mandatory = false) => Print(name, value);

    public void UByte(string name, ref byte? value, bool mandatory = false, byte max = byte.MaxValue) => Print(name, value);

    public void UShort(string name, ref ushort? value, bool mandatory = false) => Print(name, value);

    public void UInt(string name, ref uint? value, bool mandatory = false, uint max = uint.MaxValue) => Print(name, value);

    public void ULong(string name, ref ulong? value, bool mandatory = false) => Print(name, value);

    public void Timestamp(string name, ref AmqpTimestamp? value) => Print(name, value?.Milliseconds);

    public void String(string name, ref string? value, bool mandatory = false) => Print(name, value);

    public void Symbol(string name, ref Symbol? value, bool mandatory = false) => Print(name, value);

    public void Choice(string name, ref int? value, Symbol[] choices) => Print(name, value is { } index ? (object)choices[index] : null);

    public void Symbols(string name, ref Symbol[]? value, bool mandatory = false) => Print(name, value);

    public void Binary(string name, ref byte[]? value, bool mandatory = false) => Print(name, value);

    public void Secret(string name, ref byte[]? value, bool mandatory = false)
    {
        if (value is not null && Start(name))
            text.Append(CultureInfo.InvariantCulture, $"<{value.Length} bytes hidden>");
    }

    public void Tag(string name, ref ReadOnlySpan<byte> value, ref bool present)
    {
        if (present && Start(name))
            ValuePrinter.Print(text, value);
    }

    public void Fields(string name, ref IReadOnlyDictionary<Symbol, object?>? value) => Print(name, value);

    public void Unsettled(string name, ref IReadOnlyDictionary<object, object?>? value) => Print(name, value);

    public void MessageId(string name, ref object? value) => Print(name, value);

    public void Error(string name, ref AmqpError? value) => Print(name, value);

    public void State(string name, ref DeliveryState? value) => Print(name, value);

    public void Outcome(string name, ref Outcome? value) => Print(name, value);

    public void Source(string name, ref Source? value) => Print(name, value);

    public void Target(string name, ref object? value) => Print(name, value);

    // Boxes: printing is for traces.
    private void Print(string name, object? value)
    {
        if (value is not null && Start(name))
            ValuePrinter.Print(text, value);
    }

    private bool Start(string name)
    {
        if (_any)
            text.Append(", ");
        _any = true;
        text.Append(name).Append('=');
        return true;
    }
}
