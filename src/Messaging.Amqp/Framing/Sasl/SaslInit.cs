namespace Messaging.Amqp.Framing;

/// <summary>The client's choice of mechanism, with its first response (AMQP 1.0 part 5, 5.3.3.2).</summary>
internal struct SaslInit : IComposite
{
    public static ulong Code => Codes.SaslInit;

    public static Symbol Name => "amqp:sasl-init:list";

    public Symbol Mechanism;
    public byte[]? InitialResponse;
    public string? Hostname;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Symbol("mechanism", ref Mechanism);
        visitor.Secret("initial-response", ref InitialResponse);
        visitor.String("hostname", ref Hostname);
    }
}
