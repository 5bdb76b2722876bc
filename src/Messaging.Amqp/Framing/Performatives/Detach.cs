namespace Messaging.Amqp.Framing;

/// <summary>Detaches a link, and ends it when closed (AMQP 1.0 part 2, 2.7.7).</summary>
internal struct Detach : IComposite
{
    public static ulong Code => Codes.Detach;

    public static Symbol Name => "amqp:detach:list";

    public uint Handle;
    public bool Closed;
    public AmqpError? Error;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.UInt("handle", ref Handle, mandatory: true);
        visitor.Boolean("closed", ref Closed);
        visitor.Error("error", ref Error);
    }
}
