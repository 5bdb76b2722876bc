using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>The receiver has not processed the message, and changes it for its next delivery (AMQP 1.0 part 3, 3.4.5).</summary>
public sealed record Modified : Outcome
{
    private readonly ModifiedFields _fields;

    /// <summary>Creates the outcome without changes, to be completed by an initializer.</summary>
    public Modified()
    {
    }

    internal Modified(in ModifiedFields fields) => _fields = fields;

    /// <summary>Whether this was an unsuccessful attempt, which raises the message's delivery count.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool DeliveryFailed
    {
        get => _fields.DeliveryFailed;
        init => _fields.DeliveryFailed = value;
    }

    /// <summary>Whether the message is not to be delivered to this link again.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool UndeliverableHere
    {
        get => _fields.UndeliverableHere;
        init => _fields.UndeliverableHere = value;
    }

    /// <summary>Annotations to be merged into those of the message; equal keys are replaced.</summary>
    /// <value><see langword="null"/> by default: none.</value>
    public IReadOnlyDictionary<Symbol, object?>? MessageAnnotations
    {
        get => _fields.MessageAnnotations;
        init => _fields.MessageAnnotations = value;
    }

    internal override void Write(AmqpWriter writer) => Composite.Write(writer, _fields);

    internal override void Print(ref FieldPrinter printer) => printer.Composite(_fields);
}
