namespace Messaging.Amqp.Framing;

/// <summary>The fields of a target (AMQP 1.0 part 3, 3.5.4).</summary>
internal record struct TargetFields() : IComposite
{
    public TerminusFields Node = new();

    public static ulong Code => Codes.Target;

    public static Symbol Name => "amqp:target:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        Node.VisitNode(ref visitor);
        visitor.Symbols("capabilities", ref Node.Capabilities);
    }
}
