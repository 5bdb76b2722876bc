namespace Messaging.Amqp.Framing;

/// <summary>The fields of a source (AMQP 1.0 part 3, 3.5.3).</summary>
internal record struct SourceFields() : IComposite
{
    public TerminusFields Node = new();
    public Symbol? DistributionMode;
    public IReadOnlyDictionary<Symbol, object?>? Filter;
    public Outcome? DefaultOutcome;
    public Symbol[]? Outcomes;

    public static ulong Code => Codes.Source;

    public static Symbol Name => "amqp:source:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        Node.VisitNode(ref visitor);
        visitor.Symbol("distribution-mode", ref DistributionMode);
        visitor.Fields("filter", ref Filter);
        visitor.Outcome("default-outcome", ref DefaultOutcome);
        visitor.Symbols("outcomes", ref Outcomes);
        visitor.Symbols("capabilities", ref Node.Capabilities);
    }
}
