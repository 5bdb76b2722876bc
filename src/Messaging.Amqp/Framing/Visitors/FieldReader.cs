namespace Messaging.Amqp.Framing;

/// <summary>Reads each field. Fields missing at the end are null (AMQP 1.0 part 1, 1.4); fields beyond the last one known are parsed and skipped.</summary>
internal ref struct FieldReader(AmqpReader reader) : IFieldVisitor
{
    private AmqpReader _reader = reader;
    private int _left;
    private int _end;

    /// <summary>The field that is being read, for the text of an error; null before the first one.</summary>
    public string? Field { get; private set; }

    /// <summary>Reads the header of the list.</summary>
    public void Begin() => _left = _reader.ReadListHeader(out _end);

    /// <summary>Skips the fields that are not known and gives the reader back, at the end of the list.</summary>
    public AmqpReader Finish()
    {
        Field = null;
        for (; _left > 0; _left--)
            _reader.Skip();
        if (_reader.Position != _end)
            throw CodecErrors.Decode($"The list ends at byte {_end}, but its fields end at byte {_reader.Position}.");

        return _reader;
    }

    public void Boolean(string name, ref bool? value, bool mandatory = false) => value = Next(name, mandatory) ? _reader.ReadBoolean() : null;

    public void UByte(string name, ref byte? value, bool mandatory = false, byte max = byte.MaxValue)
    {
        value = Next(name, mandatory) ? _reader.ReadUByte() : null;
        if (value > max)
            ThrowOutOfRange(value.Value, max);
    }

    public void UShort(string name, ref ushort? value, bool mandatory = false) => value = Next(name, mandatory) ? _reader.ReadUShort() : null;

    public void UInt(string name, ref uint? value, bool mandatory = false, uint max = uint.MaxValue)
    {
        value = Next(name, mandatory) ? _reader.ReadUInt() : null;
        if (value > max)
            ThrowOutOfRange(value.Value, max);
    }

    public void ULong(string name, ref ulong? value, bool mandatory = false) => value = Next(name, mandatory) ? _reader.ReadULong() : null;

    public void Timestamp(string name, ref AmqpTimestamp? value) => value = Next(name) ? _reader.ReadTimestamp() : null;

    public void String(string name, ref string? value, bool mandatory = false) => value = Next(name, mandatory) ? _reader.ReadString() : null;

    public void Symbol(string name, ref Symbol? value, bool mandatory = false) => value = Next(name, mandatory) ? _reader.ReadSymbol() : default(Symbol?);

    public void Choice(string name, ref int? value, Symbol[] choices)
    {
        value = null;
        if (!Next(name))
            return;

        Symbol symbol = _reader.ReadSymbol();
        int index = Array.IndexOf(choices, symbol);
        if (index < 0)
            throw CodecErrors.Decode($"'{PeerText.Escape(symbol.Value)}' is none of {string.Join(", ", choices)}.");
        value = index;
    }

    public void Symbols(string name, ref Symbol[]? value, bool mandatory = false) => value = Next(name, mandatory) ? _reader.ReadSymbols() : null;

    public void Binary(string name, ref byte[]? value, bool mandatory = false) => value = Next(name, mandatory) ? _reader.ReadBinary() : null;

    public void Secret(string name, ref byte[]? value, bool mandatory = false) => Binary(name, ref value, mandatory);

    public void Tag(string name, ref ReadOnlySpan<byte> value, ref bool present)
    {
        present = Next(name);
        value = present ? _reader.ReadBinarySpan() : default;
        DeliveryTags.CheckTheirs(value);
    }

    public void Fields(string name, ref IReadOnlyDictionary<Symbol, object?>? value) => value = Next(name) ? _reader.ReadFields() : null;

    public void Unsettled(string name, ref IReadOnlyDictionary<object, object?>? value) => value = Next(name) ? ValueReader.ReadUnsettled(ref _reader) : null;

    public void MessageId(string name, ref object? value) => value = Next(name) ? ValueReader.ReadMessageId(ref _reader) : null;

    public void Error(string name, ref AmqpError? value) => value = Next(name) ? Composite.Read<ErrorFields>(ref _reader).ToError() : null;

    public void State(string name, ref DeliveryState? value) => value = Next(name) ? DeliveryStates.Read(ref _reader) : null;

    public void Outcome(string name, ref Outcome? value) => value = Next(name) ? DeliveryStates.ReadOutcome(ref _reader) : null;

    public void Source(string name, ref Source? value) => value = Next(name) ? Termini.ReadSource(ref _reader) : null;

    public void Target(string name, ref object? value) => value = Next(name) ? Termini.ReadTarget(ref _reader) : null;

    // True when the next field is there and is not null.
    private bool Next(string name, bool mandatory = false)
    {
        Field = name;
        if (_left > 0)
        {
            _left--;
            if (!_reader.TryReadNull())
                return true;
        }

        if (mandatory)
            ThrowMissing();
        return false;
    }

    private static void ThrowMissing() => throw CodecErrors.InvalidField("the mandatory field is missing.");

    private static void ThrowOutOfRange(uint value, uint max) => throw CodecErrors.Decode($"the value {value} is beyond the last one defined, {max}.");
}
