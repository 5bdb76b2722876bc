namespace Messaging.Amqp.Framing;

/// <summary>The empty list of the outcome released (AMQP 1.0 part 3, 3.4.4).</summary>
internal struct ReleasedFields : IComposite
{
    public static ulong Code => Codes.Released;

    public static Symbol Name => "amqp:released:list";

    public readonly void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
    }
}
