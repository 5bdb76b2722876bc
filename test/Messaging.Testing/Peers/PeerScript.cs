using Messaging.Amqp;

namespace Messaging.Testing.Peers;

/// <summary>What a scripted peer does on one connection: it behaves up to a stage, and there dies in a certain way.</summary>
/// <param name="Stage">When.</param>
/// <param name="Death">How.</param>
public sealed record PeerScript(PeerStage Stage, Death Death = Death.Reset)
{
    /// <summary>A peer that behaves to the end.</summary>
    public static PeerScript Behave { get; } = new(PeerStage.Never);

    /// <summary>Every stage with each death that is possible there.</summary>
    public static IEnumerable<PeerScript> All =>
        from stage in Enum.GetValues<PeerStage>()
        from death in Enum.GetValues<Death>()
        let script = new PeerScript(stage, death)
        where script.IsPossible
        select script;

    /// <summary>At which occurrence of the stage; 1 for the first.</summary>
    public int Occurrence { get; init; } = 1;

    /// <summary>The error of a close, end or detach.</summary>
    public AmqpError? Error { get; init; }

    /// <summary>Whether a detach also closes the link (part 2, 2.6.6).</summary>
    public bool ClosesLink { get; init; } = true;

    private bool IsPossible => Stage != PeerStage.Never && Death switch
    {
        Death.Close => Stage is >= PeerStage.Open and < PeerStage.Close,
        Death.End => Stage is >= PeerStage.Begin and < PeerStage.End,
        Death.Detach => Stage is >= PeerStage.Attach and < PeerStage.Detach,
        _ => true,
    };

    /// <summary>The condition of the error that a close, end or detach tells.</summary>
    public Symbol ConditionToTell => ErrorToTell.Condition;

    internal AmqpError ErrorToTell => Error ?? new AmqpError(
        Death switch
        {
            Death.Close => ErrorCondition.ConnectionForced,
            Death.End => ErrorCondition.ResourceLimitExceeded,
            _ => ErrorCondition.DetachForced,
        },
        $"scripted at {Stage}");

    public override string ToString() => Stage == PeerStage.Never ? "behaves" : $"{Death} at {Stage}{(Occurrence > 1 ? $" number {Occurrence}" : "")}";
}
