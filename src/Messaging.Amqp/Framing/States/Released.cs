using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>The receiver has not processed the message and will not; it may be delivered again, its delivery count unchanged (AMQP 1.0 part 3, 3.4.4).</summary>
public sealed record Released : Outcome
{
    private Released()
    {
    }

    /// <summary>The only instance: the outcome has no fields.</summary>
    public static Released Instance { get; } = new();

    internal override void Write(AmqpWriter writer) => Composite.Write(writer, default(ReleasedFields));

    internal override void Print(ref FieldPrinter printer) => printer.Composite(default(ReleasedFields));
}
