namespace Messaging.Amqp.Framing;

/// <summary>Closes the connection (AMQP 1.0 part 2, 2.7.9).</summary>
internal struct Close : IComposite
{
    public static ulong Code => Codes.Close;

    public static Symbol Name => "amqp:close:list";

    public AmqpError? Error;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Error("error", ref Error);
    }
}
