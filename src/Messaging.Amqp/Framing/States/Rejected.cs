using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>The receiver found the message invalid and cannot process it (AMQP 1.0 part 3, 3.4.3).</summary>
/// <param name="Error">Why, or <see langword="null"/> when that is not told.</param>
public sealed record Rejected(AmqpError? Error = null) : Outcome
{
    internal override void Write(AmqpWriter writer) => Composite.Write(writer, new RejectedFields { Error = Error });

    internal override void Print(ref FieldPrinter printer) => printer.Composite(new RejectedFields { Error = Error });
}
