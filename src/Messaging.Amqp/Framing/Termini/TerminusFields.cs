namespace Messaging.Amqp.Framing;

/// <summary>The fields that source and target share; the capabilities stand last in both, behind those that only a source has.</summary>
internal record struct TerminusFields()
{
    public string? Address;
    public TerminusDurability Durability;
    public TerminusExpiryPolicy ExpiryPolicy = TerminusExpiryPolicy.SessionEnd;
    public uint Timeout;
    public bool Dynamic;
    public IReadOnlyDictionary<Symbol, object?>? DynamicNodeProperties;
    public Symbol[]? Capabilities;

    /// <summary>All but the capabilities.</summary>
    public void VisitNode<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        visitor.String("address", ref Address);
        visitor.Durability("durable", ref Durability);
        visitor.ExpiryPolicy("expiry-policy", ref ExpiryPolicy);
        visitor.UInt("timeout", ref Timeout);
        visitor.Boolean("dynamic", ref Dynamic);
        visitor.Fields("dynamic-node-properties", ref DynamicNodeProperties);
    }
}
