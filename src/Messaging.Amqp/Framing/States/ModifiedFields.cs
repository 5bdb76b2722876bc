namespace Messaging.Amqp.Framing;

/// <summary>The fields of the outcome modified (AMQP 1.0 part 3, 3.4.5).</summary>
internal record struct ModifiedFields : IComposite
{
    public bool DeliveryFailed;
    public bool UndeliverableHere;
    public IReadOnlyDictionary<Symbol, object?>? MessageAnnotations;

    public static ulong Code => Codes.Modified;

    public static Symbol Name => "amqp:modified:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Boolean("delivery-failed", ref DeliveryFailed);
        visitor.Boolean("undeliverable-here", ref UndeliverableHere);
        visitor.Fields("message-annotations", ref MessageAnnotations);
    }
}
