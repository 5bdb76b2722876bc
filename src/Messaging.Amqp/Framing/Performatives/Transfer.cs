namespace Messaging.Amqp.Framing;

/// <summary>Carries a delivery or a part of one; the payload follows it in the frame (AMQP 1.0 part 2, 2.7.5).</summary>
internal ref struct Transfer : IComposite
{
    public static ulong Code => Codes.Transfer;

    public static Symbol Name => "amqp:transfer:list";

    public uint Handle;
    public uint? DeliveryId;

    /// <summary>At most 32 bytes. When read, a view of the input: valid as long as that is.</summary>
    public ReadOnlySpan<byte> DeliveryTag;

    /// <summary>Whether there is a tag: an empty tag is one too.</summary>
    public bool HasDeliveryTag;

    public uint? MessageFormat;
    public bool? Settled;
    public bool More;
    public ReceiverSettleMode? RcvSettleMode;
    public DeliveryState? State;
    public bool Resume;
    public bool Aborted;
    public bool Batchable;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.UInt("handle", ref Handle, mandatory: true);
        visitor.UInt("delivery-id", ref DeliveryId);
        visitor.Tag("delivery-tag", ref DeliveryTag, ref HasDeliveryTag);
        visitor.UInt("message-format", ref MessageFormat);
        visitor.Boolean("settled", ref Settled);
        visitor.Boolean("more", ref More);
        visitor.SettleMode("rcv-settle-mode", ref RcvSettleMode);
        visitor.State("state", ref State);
        visitor.Boolean("resume", ref Resume);
        visitor.Boolean("aborted", ref Aborted);
        visitor.Boolean("batchable", ref Batchable);
    }
}
