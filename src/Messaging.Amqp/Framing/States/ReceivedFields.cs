namespace Messaging.Amqp.Framing;

/// <summary>The fields of the state received (AMQP 1.0 part 3, 3.4.1).</summary>
internal struct ReceivedFields : IComposite
{
    public uint SectionNumber;
    public ulong SectionOffset;

    public static ulong Code => Codes.Received;

    public static Symbol Name => "amqp:received:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.UInt("section-number", ref SectionNumber, mandatory: true);
        visitor.ULong("section-offset", ref SectionOffset);
    }
}
