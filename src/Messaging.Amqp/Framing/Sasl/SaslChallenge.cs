namespace Messaging.Amqp.Framing;

/// <summary>The server's challenge (AMQP 1.0 part 5, 5.3.3.3).</summary>
internal struct SaslChallenge : IComposite
{
    public static ulong Code => Codes.SaslChallenge;

    public static Symbol Name => "amqp:sasl-challenge:list";

    public byte[] Challenge;

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.Secret("challenge", ref Challenge!, mandatory: true);
    }
}
