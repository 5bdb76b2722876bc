using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>The coordinator has begun a transaction (AMQP 1.0 part 4, 4.5.5).</summary>
/// <param name="TransactionId">The identity of the transaction, at most 32 bytes. Not copied: must not change afterwards.</param>
public sealed record Declared(ReadOnlyMemory<byte> TransactionId) : Outcome
{
    /// <summary>Whether both name the same transaction, byte for byte.</summary>
    public bool Equals(Declared? other) => other is not null && TransactionId.Span.SequenceEqual(other.TransactionId.Span);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(TransactionId.Span);
        return hash.ToHashCode();
    }

    internal override void Write(AmqpWriter writer) => Composite.Write(writer, ToFields());

    internal override void Print(ref FieldPrinter printer) => printer.Composite(ToFields());

    private DeclaredFields ToFields() => new() { TransactionId = TransactionId.ToArray() };
}
