namespace Messaging.Amqp.Framing;

/// <summary>Updates the state of a session and, with a handle, of one of its links (AMQP 1.0 part 2, 2.7.4).</summary>
internal struct Flow : IComposite
{
    public static ulong Code => Codes.Flow;

    public static Symbol Name => "amqp:flow:list";

    public uint? NextIncomingId;
    public uint IncomingWindow;
    public uint NextOutgoingId;
    public uint OutgoingWindow;
    public uint? Handle;
    public uint? DeliveryCount;
    public uint? LinkCredit;
    public uint? Available;
    public bool Drain;
    public bool Echo;
    public IReadOnlyDictionary<Symbol, object?>? Properties;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.UInt("next-incoming-id", ref NextIncomingId);
        visitor.UInt("incoming-window", ref IncomingWindow, mandatory: true);
        visitor.UInt("next-outgoing-id", ref NextOutgoingId, mandatory: true);
        visitor.UInt("outgoing-window", ref OutgoingWindow, mandatory: true);
        visitor.UInt("handle", ref Handle);
        visitor.UInt("delivery-count", ref DeliveryCount);
        visitor.UInt("link-credit", ref LinkCredit);
        visitor.UInt("available", ref Available);
        visitor.Boolean("drain", ref Drain);
        visitor.Boolean("echo", ref Echo);
        visitor.Fields("properties", ref Properties);
    }
}
