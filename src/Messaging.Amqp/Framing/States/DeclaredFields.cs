namespace Messaging.Amqp.Framing;

/// <summary>The fields of the outcome declared (AMQP 1.0 part 4, 4.5.5).</summary>
internal struct DeclaredFields : IComposite
{
    public byte[] TransactionId;

    public static ulong Code => Codes.Declared;

    public static Symbol Name => "amqp:declared:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Binary("txn-id", ref TransactionId!, mandatory: true);
    }
}
