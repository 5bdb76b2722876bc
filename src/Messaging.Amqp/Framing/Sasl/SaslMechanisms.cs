namespace Messaging.Amqp.Framing;

/// <summary>The mechanisms that a server offers (AMQP 1.0 part 5, 5.3.3.1).</summary>
internal struct SaslMechanisms : IComposite
{
    public static ulong Code => Codes.SaslMechanisms;

    public static Symbol Name => "amqp:sasl-mechanisms:list";

    public Symbol[] Mechanisms;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Symbols("sasl-server-mechanisms", ref Mechanisms!, mandatory: true);
    }
}
