namespace Messaging.Amqp.Framing;

/// <summary>Opens the connection and states the limits of the one who sends it (AMQP 1.0 part 2, 2.7.1).</summary>
internal struct Open : IComposite
{
    public static ulong Code => Codes.Open;

    public static Symbol Name => "amqp:open:list";

    public string ContainerId;
    public string? Hostname;
    public uint? MaxFrameSize;
    public ushort? ChannelMax;
    public uint? IdleTimeOut;
    public Symbol[]? OutgoingLocales;
    public Symbol[]? IncomingLocales;
    public Symbol[]? OfferedCapabilities;
    public Symbol[]? DesiredCapabilities;
    public IReadOnlyDictionary<Symbol, object?>? Properties;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.String("container-id", ref ContainerId!, mandatory: true);
        visitor.String("hostname", ref Hostname);
        visitor.UInt("max-frame-size", ref MaxFrameSize);
        visitor.UShort("channel-max", ref ChannelMax);
        visitor.UInt("idle-time-out", ref IdleTimeOut);
        visitor.Symbols("outgoing-locales", ref OutgoingLocales);
        visitor.Symbols("incoming-locales", ref IncomingLocales);
        visitor.Symbols("offered-capabilities", ref OfferedCapabilities);
        visitor.Symbols("desired-capabilities", ref DesiredCapabilities);
        visitor.Fields("properties", ref Properties);
    }
}
