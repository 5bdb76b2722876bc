namespace Messaging.Amqp.Framing;

/// <summary>The empty list of the outcome accepted (AMQP 1.0 part 3, 3.4.2).</summary>
internal struct AcceptedFields : IComposite
{
    public static ulong Code => Codes.Accepted;

    public static Symbol Name => "amqp:accepted:list";

    public readonly void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
    }
}
