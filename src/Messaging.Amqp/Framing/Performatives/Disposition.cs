namespace Messaging.Amqp.Framing;

/// <summary>Updates the state of a range of deliveries, and may settle them (AMQP 1.0 part 2, 2.7.6).</summary>
internal struct Disposition : IComposite
{
    public static ulong Code => Codes.Disposition;

    public static Symbol Name => "amqp:disposition:list";

    /// <summary>The role of the one who sends it: false sender, true receiver (2.8.1).</summary>
    public bool Role;

    public uint First;

    /// <summary>The last delivery-id of the range; null means <see cref="First"/>.</summary>
    public uint? Last;

    public bool Settled;
    public DeliveryState? State;
    public bool Batchable;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Boolean("role", ref Role, mandatory: true);
        visitor.UInt("first", ref First, mandatory: true);
        visitor.UInt("last", ref Last);
        visitor.Boolean("settled", ref Settled);
        visitor.State("state", ref State);
        visitor.Boolean("batchable", ref Batchable);
    }
}
