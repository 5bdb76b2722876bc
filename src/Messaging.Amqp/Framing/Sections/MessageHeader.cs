namespace Messaging.Amqp.Framing;

/// <summary>The header section: what intermediaries may change (AMQP 1.0 part 3, 3.2.1).</summary>
internal struct MessageHeader : IComposite
{
    public static ulong Code => Codes.Header;

    public static Symbol Name => "amqp:header:list";

    public bool? Durable;
    public byte? Priority;

    /// <summary>Milliseconds.</summary>
    public uint? Ttl;

    public bool? FirstAcquirer;
    public uint? DeliveryCount;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Boolean("durable", ref Durable);
        visitor.UByte("priority", ref Priority);
        visitor.UInt("ttl", ref Ttl);
        visitor.Boolean("first-acquirer", ref FirstAcquirer);
        visitor.UInt("delivery-count", ref DeliveryCount);
    }
}
