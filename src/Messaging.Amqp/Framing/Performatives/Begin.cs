namespace Messaging.Amqp.Framing;

/// <summary>Begins a session on a channel (AMQP 1.0 part 2, 2.7.2).</summary>
internal struct Begin : IComposite
{
    public static ulong Code => Codes.Begin;

    public static Symbol Name => "amqp:begin:list";

    public ushort? RemoteChannel;
    public uint NextOutgoingId;
    public uint IncomingWindow;
    public uint OutgoingWindow;
    public uint? HandleMax;
    public Symbol[]? OfferedCapabilities;
    public Symbol[]? DesiredCapabilities;
    public IReadOnlyDictionary<Symbol, object?>? Properties;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.UShort("remote-channel", ref RemoteChannel);
        visitor.UInt("next-outgoing-id", ref NextOutgoingId, mandatory: true);
        visitor.UInt("incoming-window", ref IncomingWindow, mandatory: true);
        visitor.UInt("outgoing-window", ref OutgoingWindow, mandatory: true);
        visitor.UInt("handle-max", ref HandleMax);
        visitor.Symbols("offered-capabilities", ref OfferedCapabilities);
        visitor.Symbols("desired-capabilities", ref DesiredCapabilities);
        visitor.Fields("properties", ref Properties);
    }
}
