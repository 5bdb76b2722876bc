namespace Messaging.Amqp.Framing;

/// <summary>The fields of an error (AMQP 1.0 part 2, 2.8.14).</summary>
internal struct ErrorFields : IComposite
{
    public Symbol Condition;
    public string? Description;
    public IReadOnlyDictionary<Symbol, object?>? Info;

    public ErrorFields(AmqpError error)
    {
        Condition = error.Condition;
        Description = error.Description;
        Info = error.Info;
    }

    public static ulong Code => Codes.Error;

    public static Symbol Name => "amqp:error:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Symbol("condition", ref Condition);
        visitor.String("description", ref Description);
        visitor.Fields("info", ref Info);
    }

    public readonly AmqpError ToError() => new(Condition, Description, Info);
}
