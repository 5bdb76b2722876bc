namespace Messaging.Amqp.Framing;

/// <summary>The fields of the outcome rejected (AMQP 1.0 part 3, 3.4.3).</summary>
internal struct RejectedFields : IComposite
{
    public AmqpError? Error;

    public static ulong Code => Codes.Rejected;

    public static Symbol Name => "amqp:rejected:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Error("error", ref Error);
    }
}
