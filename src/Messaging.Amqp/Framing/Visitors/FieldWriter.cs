namespace Messaging.Amqp.Framing;

/// <summary>Writes each field. The list ends after the last field that is not null: what follows it is cut off again, without a second pass.</summary>
internal struct FieldWriter : IFieldVisitor
{
    private readonly AmqpWriter _writer;
    private readonly CompoundScope _list;
    private int _count;
    private int _usedCount;
    private int _usedLength;

    public FieldWriter(AmqpWriter writer)
    {
        _writer = writer;
        _list = writer.BeginList();
        _usedLength = writer.Length;
    }

    /// <summary>Ends the list.</summary>
    public readonly void Finish()
    {
        _writer.Truncate(_usedLength);
        _writer.EndList(_list, _usedCount);
    }

    public void Boolean(string name, ref bool? value, bool mandatory = false)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteBoolean(value.GetValueOrDefault());
        Wrote();
    }

    public void UByte(string name, ref byte? value, bool mandatory = false, byte max = byte.MaxValue)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteUByte(value.GetValueOrDefault());
        Wrote();
    }

    public void UShort(string name, ref ushort? value, bool mandatory = false)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteUShort(value.GetValueOrDefault());
        Wrote();
    }

    public void UInt(string name, ref uint? value, bool mandatory = false, uint max = uint.MaxValue)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteUInt(value.GetValueOrDefault());
        Wrote();
    }

    public void ULong(string name, ref ulong? value, bool mandatory = false)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteULong(value.GetValueOrDefault());
        Wrote();
    }

    public void Timestamp(string name, ref AmqpTimestamp? value)
    {
        if (Skip(name, value is null))
            return;

        _writer.WriteTimestamp(value.GetValueOrDefault());
        Wrote();
    }

    public void String(string name, ref string? value, bool mandatory = false)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteString(value);
        Wrote();
    }

    public void Symbol(string name, ref Symbol? value, bool mandatory = false)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteSymbol(value.GetValueOrDefault());
        Wrote();
    }

    public void Choice(string name, ref int? value, Symbol[] choices)
    {
        if (Skip(name, value is null))
            return;

        _writer.WriteSymbol(choices[value.GetValueOrDefault()]);
        Wrote();
    }

    public void Symbols(string name, ref Symbol[]? value, bool mandatory = false)
    {
        // Null and the empty array say the same (part 1, 1.4): null is shorter.
        if (Skip(name, value is null || (value.Length == 0 && !mandatory), mandatory))
            return;

        _writer.WriteSymbols(value);
        Wrote();
    }

    public void Binary(string name, ref byte[]? value, bool mandatory = false)
    {
        if (Skip(name, value is null, mandatory))
            return;

        _writer.WriteBinary(value);
        Wrote();
    }

    public void Secret(string name, ref byte[]? value, bool mandatory = false) => Binary(name, ref value, mandatory);

    public void Tag(string name, ref ReadOnlySpan<byte> value, ref bool present)
    {
        if (Skip(name, !present))
            return;

        DeliveryTags.CheckOurs(value);
        _writer.WriteBinary(value);
        Wrote();
    }

    public void Fields(string name, ref IReadOnlyDictionary<Symbol, object?>? value)
    {
        if (Skip(name, value is null))
            return;

        _writer.WriteFields(value!);
        Wrote();
    }

    public void Unsettled(string name, ref IReadOnlyDictionary<object, object?>? value)
    {
        if (Skip(name, value is null))
            return;

        ValueWriter.WriteUnsettled(_writer, value!);
        Wrote();
    }

    public void MessageId(string name, ref object? value)
    {
        if (Skip(name, value is null))
            return;

        ValueWriter.WriteMessageId(_writer, name, value!);
        Wrote();
    }

    public void Error(string name, ref AmqpError? value)
    {
        if (Skip(name, value is null))
            return;

        Composite.Write(_writer, new ErrorFields(value!));
        Wrote();
    }

    public void State(string name, ref DeliveryState? value)
    {
        if (Skip(name, value is null))
            return;

        value!.Write(_writer);
        Wrote();
    }

    public void Outcome(string name, ref Outcome? value)
    {
        if (Skip(name, value is null))
            return;

        value!.Write(_writer);
        Wrote();
    }

    public void Source(string name, ref Source? value)
    {
        if (Skip(name, value is null))
            return;

        Composite.Write(_writer, value!.Fields);
        Wrote();
    }

    public void Target(string name, ref object? value)
    {
        if (Skip(name, value is null))
            return;

        Termini.WriteTarget(_writer, value!);
        Wrote();
    }

    // Writes the null of an absent field; it stays only if another field follows it.
    private bool Skip(string name, bool absent, bool mandatory = false)
    {
        if (!absent)
            return false;
        if (mandatory)
            ThrowMissing(name);

        _writer.WriteNull();
        _count++;
        return true;
    }

    private void Wrote()
    {
        _usedCount = ++_count;
        _usedLength = _writer.Length;
    }

    private static void ThrowMissing(string name) => throw new InvalidOperationException($"The mandatory field '{name}' is null.");
}
