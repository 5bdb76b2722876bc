namespace Messaging.Amqp.Framing;

/// <summary>Ends a session (AMQP 1.0 part 2, 2.7.8).</summary>
internal struct End : IComposite
{
    public static ulong Code => Codes.End;

    public static Symbol Name => "amqp:end:list";

    public AmqpError? Error;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Error("error", ref Error);
    }
}
