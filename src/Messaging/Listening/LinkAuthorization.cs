namespace Messaging;

/// <summary>A peer's wish to use a node, to be allowed or not.</summary>
public sealed class LinkAuthorization
{
    /// <summary>The authenticated user of the connection, <c>anonymous</c> for an anonymous one.</summary>
    public required string Identity { get; init; }

    /// <summary>What this side of the link would be: <see cref="LinkRole.Receiver"/> when the peer wants to send.</summary>
    public required LinkRole Role { get; init; }

    /// <summary>The address of the source (<see cref="LinkRole.Sender"/>) or target (<see cref="LinkRole.Receiver"/>); <see langword="null"/> for a node that is to be made up, or for the anonymous terminus.</summary>
    /// <remarks>It is what the peer sent, unchanged. At the anonymous terminus each message names its own address: who serves that link asks for each (the broker does).</remarks>
    public string? Address { get; init; }

    /// <summary>Whether the peer asks for a node of its own, with an address that this side makes up (part 3, 3.5.3, <c>dynamic</c>).</summary>
    public bool IsDynamic { get; init; }

    /// <summary>The host that the peer's <c>open</c> names.</summary>
    public string? Hostname { get; init; }
}
