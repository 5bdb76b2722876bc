namespace Messaging.Amqp.Framing;

/// <summary>The fields of the state transactional-state (AMQP 1.0 part 4, 4.5.6).</summary>
internal struct TransactionalStateFields : IComposite
{
    public byte[] TransactionId;
    public Outcome? Outcome;

    public static ulong Code => Codes.TransactionalState;

    public static Symbol Name => "amqp:transactional-state:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Binary("txn-id", ref TransactionId!, mandatory: true);
        visitor.Outcome("outcome", ref Outcome);
    }
}
