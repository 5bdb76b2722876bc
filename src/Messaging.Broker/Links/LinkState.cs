using Messaging.Amqp;

namespace Messaging.Broker.Links;

/// <summary>Which link of which peer: names are unique between two containers for each direction (part 2, 2.6.1), and one user must not take another's.</summary>
internal readonly record struct LinkKey(string? Identity, string ContainerId, string Name, LinkRole Role);

/// <summary>
/// What outlives a link by which a peer sends: the outcomes that it may not have seen yet. One link at a time has it; the set is bounded by what an
/// <see cref="Intake"/> lets be under way. Safe for concurrent use.
/// </summary>
internal sealed class LinkState(LinkKey key)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ReadOnlyMemory<byte>, Outcome> _outcomes = new(TagComparer.Instance);

    public LinkKey Key => key;

    /// <summary>Whether no link had it before, so that it knows nothing of what an earlier one may have brought. Belongs to the <see cref="LinkStates"/>.</summary>
    public bool IsNew { get; set; } = true;

    /// <summary>The link that has it. Belongs to the <see cref="LinkStates"/>.</summary>
    public LinkLease? Holder { get; set; }

    /// <summary>The last that came for it: an earlier one that still waits gets it no more. Belongs to the <see cref="LinkStates"/>.</summary>
    public object? Newest { get; set; }

    /// <summary>Ends its time, while no link has it. Belongs to the <see cref="LinkStates"/>.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>The message is in a queue, or refused for good.</summary>
    public void Add(ReadOnlyMemory<byte> tag, Outcome outcome)
    {
        lock (_lock)
            _outcomes[tag] = outcome;
    }

    /// <summary>The sender has seen the outcome.</summary>
    public void Remove(ReadOnlyMemory<byte> tag)
    {
        lock (_lock)
            _outcomes.Remove(tag);
    }

    public Outcome? Find(ReadOnlyMemory<byte> tag)
    {
        lock (_lock)
            return _outcomes.GetValueOrDefault(tag);
    }

    /// <summary>Compares with what the sender has unsettled: all else it has settled (2.6.13).</summary>
    /// <returns>The map to answer with.</returns>
    public IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? Compare(IReadOnlyDictionary<ReadOnlyMemory<byte>, DeliveryState?>? theirs, bool isIncomplete)
    {
        lock (_lock)
        {
            if (!isIncomplete)
            {
                foreach (ReadOnlyMemory<byte> tag in _outcomes.Keys.Where(tag => theirs is null || !theirs.ContainsKey(tag)).ToArray())
                    _outcomes.Remove(tag);
            }

            return theirs is null || IsNew
                ? null
                : _outcomes.ToDictionary(entry => entry.Key, DeliveryState? (entry) => entry.Value, TagComparer.Instance);
        }
    }
}
