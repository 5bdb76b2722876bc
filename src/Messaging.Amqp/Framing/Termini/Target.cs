using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>Where the messages of a link go to (AMQP 1.0 part 3, 3.5.4).</summary>
public sealed record Target : Terminus
{
    internal TargetFields Fields = new();

    /// <summary>Creates a target without an address, to be completed by an initializer.</summary>
    public Target()
    {
    }

    internal Target(in TargetFields fields) => Fields = fields;

    private protected override ref TerminusFields Node => ref Fields.Node;

    /// <summary>The target as a frame trace shows it.</summary>
    public override string ToString() => Composite.Print(Fields);
}
