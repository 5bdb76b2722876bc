using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>How much of a message has arrived; used when a link is resumed (AMQP 1.0 part 3, 3.4.1).</summary>
/// <param name="SectionNumber">The section up to which everything is there, counted from 0.</param>
/// <param name="SectionOffset">How many bytes of that section are there.</param>
public sealed record Received(uint SectionNumber, ulong SectionOffset) : DeliveryState
{
    internal override void Write(AmqpWriter writer) => Composite.Write(writer, ToFields());

    internal override void Print(ref FieldPrinter printer) => printer.Composite(ToFields());

    private ReceivedFields ToFields() => new() { SectionNumber = SectionNumber, SectionOffset = SectionOffset };
}
