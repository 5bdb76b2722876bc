using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>The delivery takes part in a transaction (AMQP 1.0 part 4, 4.5.6).</summary>
/// <param name="TransactionId">The identity of the transaction, at most 32 bytes. Not copied: must not change afterwards.</param>
/// <param name="Outcome">The outcome that takes effect when the transaction commits, or <see langword="null"/>.</param>
public sealed record TransactionalState(ReadOnlyMemory<byte> TransactionId, Outcome? Outcome = null) : DeliveryState
{
    /// <summary>Whether both name the same transaction, byte for byte, and the same outcome.</summary>
    public bool Equals(TransactionalState? other) =>
        other is not null && TransactionId.Span.SequenceEqual(other.TransactionId.Span) && Equals(Outcome, other.Outcome);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(TransactionId.Span);
        hash.Add(Outcome);
        return hash.ToHashCode();
    }

    internal override void Write(AmqpWriter writer) => Composite.Write(writer, ToFields());

    internal override void Print(ref FieldPrinter printer) => printer.Composite(ToFields());

    private TransactionalStateFields ToFields() => new() { TransactionId = TransactionId.ToArray(), Outcome = Outcome };
}
