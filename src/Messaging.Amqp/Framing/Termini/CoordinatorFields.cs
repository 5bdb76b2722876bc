namespace Messaging.Amqp.Framing;

/// <summary>The fields of a transaction coordinator (AMQP 1.0 part 4, 4.5.1).</summary>
internal record struct CoordinatorFields : IComposite
{
    public Symbol[]? Capabilities;

    public static ulong Code => Codes.Coordinator;

    public static Symbol Name => "amqp:coordinator:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Symbols("capabilities", ref Capabilities);
    }
}
