namespace Messaging.Amqp.Framing;

/// <summary>How the SASL exchange ended (AMQP 1.0 part 5, 5.3.3.5).</summary>
internal struct SaslOutcome : IComposite
{
    /// <summary>0 ok, 1 auth, 2 sys, 3 sys-perm, 4 sys-temp (5.3.3.6). Other codes are left to the reader, who treats them as a failure.</summary>
    public byte Code;

    /// <summary>May hold the server's final message, for example SCRAM's signature.</summary>
    public byte[]? AdditionalData;

    // Explicit: the field "code" has the same name.
    static ulong IComposite.Code => Codes.SaslOutcome;

    static Symbol IComposite.Name => "amqp:sasl-outcome:list";

    public void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.UByte("code", ref Code);
        visitor.Secret("additional-data", ref AdditionalData);
    }
}
