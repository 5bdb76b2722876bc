namespace Messaging.Amqp.Framing;

/// <summary>The client's answer to a challenge (AMQP 1.0 part 5, 5.3.3.4).</summary>
internal struct SaslResponse : IComposite
{
    public static ulong Code => Codes.SaslResponse;

    public static Symbol Name => "amqp:sasl-response:list";

    public byte[] Response;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Secret("response", ref Response!, mandatory: true);
    }
}
