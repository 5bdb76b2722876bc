using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>The receiver has taken the message and is responsible for it now (AMQP 1.0 part 3, 3.4.2).</summary>
public sealed record Accepted : Outcome
{
    private Accepted()
    {
    }

    /// <summary>The only instance: the outcome has no fields.</summary>
    public static Accepted Instance { get; } = new();

    internal override void Write(AmqpWriter writer) => Composite.Write(writer, default(AcceptedFields));

    internal override void Print(ref FieldPrinter printer) => printer.Composite(default(AcceptedFields));
}
