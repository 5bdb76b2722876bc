using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>Where the messages of a link come from (AMQP 1.0 part 3, 3.5.3).</summary>
public sealed record Source : Terminus
{
    internal SourceFields Fields = new();

    /// <summary>Creates a source without an address, to be completed by an initializer.</summary>
    public Source()
    {
    }

    internal Source(in SourceFields fields) => Fields = fields;

    /// <summary>Whether a message is taken from the node (<c>move</c>) or left there for others (<c>copy</c>) (part 3, 3.5.7).</summary>
    /// <value><see langword="null"/> by default: the node decides.</value>
    public Symbol? DistributionMode
    {
        get => Fields.DistributionMode;
        init => Fields.DistributionMode = value;
    }

    /// <summary>The filters that choose among the messages, by name; a value is usually a <see cref="Described"/> (part 3, 3.5.8).</summary>
    /// <value><see langword="null"/> by default: every message. What the peer's attach echoes are the filters that it applies.</value>
    public IReadOnlyDictionary<Symbol, object?>? Filter
    {
        get => Fields.Filter;
        init => Fields.Filter = value;
    }

    /// <summary>The outcome of a delivery that is settled without one.</summary>
    /// <value><see langword="null"/> by default: the peer decides.</value>
    public Outcome? DefaultOutcome
    {
        get => Fields.DefaultOutcome;
        init => Fields.DefaultOutcome = value;
    }

    /// <summary>The symbolic descriptors of the outcomes that can be used on the link, such as <c>amqp:accepted:list</c>.</summary>
    /// <value>Empty by default: any.</value>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<Symbol> Outcomes
    {
        get => Fields.Outcomes ?? [];
        init => Fields.Outcomes = Copy(value);
    }

    private protected override ref TerminusFields Node => ref Fields.Node;

    /// <summary>The source as a frame trace shows it.</summary>
    public override string ToString() => Composite.Print(Fields);
}
