namespace Messaging.Amqp.Framing;

/// <summary>Attaches a link to a session (AMQP 1.0 part 2, 2.7.3).</summary>
internal struct Attach : IComposite
{
    public string Name;
    public uint Handle;

    /// <summary>False: the one who sends this attach is the link's sender; true: its receiver (2.8.1).</summary>
    public bool Role;

    public SenderSettleMode? SndSettleMode;
    public ReceiverSettleMode? RcvSettleMode;
    public Source? Source;

    /// <summary>A <see cref="Amqp.Target"/>, a <see cref="Coordinator"/> or null.</summary>
    public object? Target;

    /// <summary>Delivery tag (<c>byte[]</c>) to <see cref="DeliveryState"/> or null.</summary>
    public IReadOnlyDictionary<object, object?>? Unsettled;

    public bool? IncompleteUnsettled;
    public uint? InitialDeliveryCount;
    public ulong? MaxMessageSize;
    public Symbol[]? OfferedCapabilities;
    public Symbol[]? DesiredCapabilities;
    public IReadOnlyDictionary<Symbol, object?>? Properties;

    static ulong IComposite.Code => Codes.Attach;

    // Explicit: the field "name" has the same name.
    static Symbol IComposite.Name => "amqp:attach:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.String("name", ref Name!, mandatory: true);
        visitor.UInt("handle", ref Handle, mandatory: true);
        visitor.Boolean("role", ref Role, mandatory: true);
        visitor.SettleMode("snd-settle-mode", ref SndSettleMode);
        visitor.SettleMode("rcv-settle-mode", ref RcvSettleMode);
        visitor.Source("source", ref Source);
        visitor.Target("target", ref Target);
        visitor.Unsettled("unsettled", ref Unsettled);
        visitor.Boolean("incomplete-unsettled", ref IncompleteUnsettled);
        visitor.UInt("initial-delivery-count", ref InitialDeliveryCount);
        visitor.ULong("max-message-size", ref MaxMessageSize);
        visitor.Symbols("offered-capabilities", ref OfferedCapabilities);
        visitor.Symbols("desired-capabilities", ref DesiredCapabilities);
        visitor.Fields("properties", ref Properties);
    }
}
