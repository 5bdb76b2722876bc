using System.Text;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>Fills every field with a random legal value; optional ones are absent every third time.</summary>
internal struct RandomFields(Random random) : IFieldVisitor
{
    /// <summary>A composite with random fields.</summary>
    public static T Create<T>(Random random)
        where T : struct, IComposite, allows ref struct
    {
        T value = default;
        RandomFields visitor = new(random);
        value.Visit(ref visitor);
        return value;
    }

    public void Boolean(string name, ref bool? value, bool mandatory = false) => value = Present(mandatory) ? random.Next(2) == 0 : null;

    public void UByte(string name, ref byte? value, bool mandatory = false, byte max = byte.MaxValue) =>
        value = Present(mandatory) ? (byte)random.Next(max + 1) : null;

    public void UShort(string name, ref ushort? value, bool mandatory = false) => value = Present(mandatory) ? (ushort)random.Next(ushort.MaxValue + 1) : null;

    public void UInt(string name, ref uint? value, bool mandatory = false, uint max = uint.MaxValue) =>
        value = Present(mandatory) ? (uint)Math.Min(Number(), max) : null;

    public void ULong(string name, ref ulong? value, bool mandatory = false) => value = Present(mandatory) ? Number() : null;

    public void Timestamp(string name, ref AmqpTimestamp? value) => value = Present() ? new AmqpTimestamp((long)Number()) : null;

    public void String(string name, ref string? value, bool mandatory = false) => value = Present(mandatory) ? Text() : null;

    public void Symbol(string name, ref Symbol? value, bool mandatory = false) => value = Present(mandatory) ? Name() : default(Symbol?);

    public void Choice(string name, ref int? value, Symbol[] choices) => value = Present() ? random.Next(choices.Length) : null;

    public void Symbols(string name, ref Symbol[]? value, bool mandatory = false) => value = Present(mandatory) ? Names() : null;

    public void Binary(string name, ref byte[]? value, bool mandatory = false) => value = Present(mandatory) ? Bytes(random.Next(300)) : null;

    public void Secret(string name, ref byte[]? value, bool mandatory = false) => Binary(name, ref value, mandatory);

    public void Tag(string name, ref ReadOnlySpan<byte> value, ref bool present)
    {
        present = Present();
        value = present ? Bytes(random.Next(33)) : default;
    }

    public void Fields(string name, ref IReadOnlyDictionary<Symbol, object?>? value)
    {
        value = null;
        if (!Present())
            return;

        OrderedDictionary<Symbol, object?> fields = [];
        for (int i = random.Next(6); i > 0; i--)
            fields[Name()] = Value();
        value = fields;
    }

    public void Unsettled(string name, ref IReadOnlyDictionary<object, object?>? value)
    {
        value = null;
        if (!Present())
            return;

        OrderedDictionary<object, object?> unsettled = new(ValueComparer.Instance);
        for (int i = random.Next(5); i > 0; i--)
        {
            DeliveryState? state = null;
            State(name, ref state);
            unsettled[Bytes(random.Next(33))] = state;
        }

        value = unsettled;
    }

    public void MessageId(string name, ref object? value) => value = random.Next(5) switch
    {
        0 => Text(),
        1 => Number(),
        2 => new Guid(Bytes(16)),
        3 => Bytes(random.Next(40)),
        _ => null,
    };

    public void Error(string name, ref AmqpError? value) => value = Present() ? Create<ErrorFields>(random).ToError() : null;

    public void State(string name, ref DeliveryState? value)
    {
        Outcome? outcome = null;
        Outcome(name, ref outcome);
        value = random.Next(4) switch
        {
            0 => new Received((uint)random.Next(), Number()),
            1 => new TransactionalState(Bytes(random.Next(1, 33)), outcome),
            _ => outcome,
        };
    }

    public void Outcome(string name, ref Outcome? value) => value = random.Next(6) switch
    {
        0 => Accepted.Instance,
        1 => Released.Instance,
        2 => new Rejected(Create<RejectedFields>(random).Error),
        3 => new Modified(Create<ModifiedFields>(random)),
        4 => new Declared(Bytes(random.Next(1, 33))),
        _ => null,
    };

    public void Source(string name, ref Source? value) => value = Present() ? new Source(Create<SourceFields>(random)) : null;

    public void Target(string name, ref object? value) => value = random.Next(3) switch
    {
        0 => new Target(Create<TargetFields>(random)),
        1 => new Coordinator(Create<CoordinatorFields>(random)),
        _ => null,
    };

    private readonly bool Present(bool mandatory = false) => mandatory || random.Next(3) != 0;

    // Every magnitude alike, and the edges of the encodings often.
    private readonly ulong Number() => random.Next(6) switch
    {
        0 => 0,
        1 => 255,
        2 => 256,
        _ => (ulong)random.NextInt64() >> random.Next(63),
    };

    private readonly byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private readonly string Text()
    {
        StringBuilder text = new();
        for (int i = random.Next(random.Next(4) == 0 ? 300 : 12); i > 0; i--)
            text.Append(random.Next(4) == 0 ? new Rune(random.Next(0xe000, 0x10ffff)) : new Rune(random.Next(0x20, 0x7f)));
        return text.ToString();
    }

    private readonly Symbol Name()
    {
        int length = random.Next(1, random.Next(10) == 0 ? 300 : 12);
        return new Symbol(string.Create(length, random, static (span, r) =>
        {
            foreach (ref char c in span)
                c = (char)r.Next(0x20, 0x7f);
        }));
    }

    // Null and the empty list say the same, so that only the former survives a round trip.
    private readonly Symbol[] Names()
    {
        Symbol[] names = new Symbol[random.Next(1, 4)];
        for (int i = 0; i < names.Length; i++)
            names[i] = Name();
        return names;
    }

    private readonly object? Value() => random.Next(8) switch
    {
        0 => Number(),
        1 => Text(),
        2 => Name(),
        3 => Bytes(random.Next(20)),
        4 => new Described(Name(), Text()),
        5 => new Described(Number(), new List<object?> { Text(), null, true }),
        6 => new OrderedDictionary<object, object?> { [Text()] = 1, ["y"] = Name() },
        _ => null,
    };
}
