using Messaging.Amqp.Framing;

namespace Messaging.Amqp;

/// <summary>One end of a link: where its messages come from (<see cref="Source"/>) or go to (<see cref="Target"/>) (AMQP 1.0 part 3, 3.5).</summary>
/// <remarks>Immutable. Lists and maps are compared by reference when two termini are compared.</remarks>
public abstract record Terminus
{
    private protected Terminus()
    {
    }

    /// <summary>The address of the node.</summary>
    /// <value><see langword="null"/> by default: none, as with <see cref="Dynamic"/>, or the anonymous terminus of a target.</value>
    public string? Address
    {
        get => Node.Address;
        init => Node.Address = value;
    }

    /// <summary>What of the terminus survives the loss of its node's memory (part 3, 3.5.5).</summary>
    /// <value><see cref="TerminusDurability.None"/> by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the enumeration.</exception>
    public TerminusDurability Durability
    {
        get => Node.Durability;
        init => Node.Durability = value <= TerminusDurability.UnsettledState ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Durability is None, Configuration or UnsettledState.");
    }

    /// <summary>The event from which <see cref="Timeout"/> is counted (part 3, 3.5.6).</summary>
    /// <value><see cref="TerminusExpiryPolicy.SessionEnd"/> by default.</value>
    /// <exception cref="ArgumentOutOfRangeException">The value is not one of the enumeration.</exception>
    public TerminusExpiryPolicy ExpiryPolicy
    {
        get => Node.ExpiryPolicy;
        init => Node.ExpiryPolicy = value <= TerminusExpiryPolicy.Never ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "ExpiryPolicy is LinkDetach, SessionEnd, ConnectionClose or Never.");
    }

    /// <summary>How long the terminus is kept once its expiry has begun, in seconds.</summary>
    /// <value>0 by default: it goes at once. Up to 4,294,967,295 seconds.</value>
    public uint Timeout
    {
        get => Node.Timeout;
        init => Node.Timeout = value;
    }

    /// <summary>Whether the peer is asked to create the node; its answer then holds the <see cref="Address"/>.</summary>
    /// <value><see langword="false"/> by default.</value>
    public bool Dynamic
    {
        get => Node.Dynamic;
        init => Node.Dynamic = value;
    }

    /// <summary>The properties of the node to be created, such as its lifetime policy (part 3, 3.5.9).</summary>
    /// <value><see langword="null"/> by default. Only meaningful with <see cref="Dynamic"/>.</value>
    public IReadOnlyDictionary<Symbol, object?>? DynamicNodeProperties
    {
        get => Node.DynamicNodeProperties;
        init => Node.DynamicNodeProperties = value;
    }

    /// <summary>What the terminus can do or is asked to do, such as <c>queue</c> or <c>topic</c>.</summary>
    /// <value>Empty by default.</value>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public IReadOnlyList<Symbol> Capabilities
    {
        get => Node.Capabilities ?? [];
        init => Node.Capabilities = Copy(value);
    }

    /// <summary>The shared fields, which live within the composite of the derived record.</summary>
    private protected abstract ref TerminusFields Node { get; }

    internal static Symbol[]? Copy(IReadOnlyList<Symbol> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Count == 0 ? null : [.. value];
    }
}
