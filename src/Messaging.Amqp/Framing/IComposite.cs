namespace Messaging.Amqp.Framing;

/// <summary>A described list of the specification: a performative, a SASL frame body, a terminus, a delivery state, an error or a message section.</summary>
/// <remarks>
/// <see cref="Visit"/> names the fields once, in the order of the specification. Writing, reading, printing and random generation are visitors of
/// that one description. The visitor is a struct, so that the JIT and NativeAOT specialise the description for each: no reflection, no boxing.
/// </remarks>
internal interface IComposite
{
    /// <summary>The numeric descriptor, which is the one we send.</summary>
    static abstract ulong Code { get; }

    /// <summary>The symbolic descriptor, which we accept as well.</summary>
    static abstract Symbol Name { get; }

    /// <summary>Shows every field to the visitor, in the order of the specification.</summary>
    void Visit<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct;
}
