namespace Messaging.Amqp.Framing;

/// <summary>A target that controls transactions instead of taking messages (AMQP 1.0 part 4, 4.5.1).</summary>
internal sealed record Coordinator
{
    internal CoordinatorFields Fields;

    public Coordinator()
    {
    }

    internal Coordinator(in CoordinatorFields fields) => Fields = fields;

    /// <summary>What the coordinator can do, such as <c>amqp:local-transactions</c> (4.5.7).</summary>
    public IReadOnlyList<Symbol> Capabilities
    {
        get => Fields.Capabilities ?? [];
        init => Fields.Capabilities = Terminus.Copy(value);
    }

    public override string ToString() => Composite.Print(Fields);
}
