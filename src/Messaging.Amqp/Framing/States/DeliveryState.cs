namespace Messaging.Amqp;

/// <summary>What the sender or the receiver of a delivery says about it (AMQP 1.0 part 2, 2.6.12, and part 3, 3.4).</summary>
/// <remarks>
/// Either an <see cref="Outcome"/>, which ends the delivery, or one of <see cref="Received"/> and <see cref="TransactionalState"/>, which do not.
/// The set is closed: other types cannot derive from it.
/// </remarks>
public abstract record DeliveryState
{
    private protected DeliveryState()
    {
    }

    internal abstract void Write(AmqpWriter writer);

    internal abstract void Print(ref Framing.FieldPrinter printer);
}

/// <summary>A state that ends a delivery: <see cref="Accepted"/>, <see cref="Rejected"/>, <see cref="Released"/>, <see cref="Modified"/> or <see cref="Declared"/> (AMQP 1.0 part 3, 3.4).</summary>
public abstract record Outcome : DeliveryState
{
    private protected Outcome()
    {
    }
}
