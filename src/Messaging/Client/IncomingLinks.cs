using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>The links that the peer attached and the application has not decided about. The set is owned by the loop.</summary>
internal sealed class IncomingLinks(TimeSpan decisionTimeout)
{
    private readonly HashSet<IncomingLink> _undecided = [];
    private readonly UnseenQueue<IncomingLink> _unseen = new();

    public int Count => _undecided.Count;

    /// <summary>The time to decide about it has begun.</summary>
    public void Add(IncomingLink link) => _undecided.Add(link);

    /// <summary>Shows it to the application, unless the peer has detached it or the time to decide is over.</summary>
    public void Offer(IncomingLink link)
    {
        if (_undecided.Contains(link))
            _unseen.TryAdd(link.Place);
    }

    /// <summary>Decided, or detached by the peer before that.</summary>
    public bool Remove(IncomingLink link)
    {
        _unseen.Remove(link.Place);
        link.OnDecided();
        return _undecided.Remove(link);
    }

    /// <summary>The session has ended, and its links with it.</summary>
    public void RemoveAll(SessionEndpoint session)
    {
        foreach (IncomingLink link in _undecided.Where(link => link.Session == session).ToArray())
            Remove(link);
    }

    public void RefuseUndecided(long now)
    {
        foreach (IncomingLink link in _undecided.Where(link => link.Deadline <= now).ToArray())
            link.RefuseNow(new AmqpError(ErrorCondition.NotAllowed, $"the link was not accepted within {decisionTimeout}"));
    }

    public void End(CloseReason reason)
    {
        foreach (IncomingLink link in _undecided)
            link.OnDecided();
        _undecided.Clear();
        _unseen.End(reason.Initiator == CloseInitiator.Local ? null : reason.Exception);
    }

    public IAsyncEnumerable<IIncomingLink> ReadAllAsync(CancellationToken cancellationToken) => _unseen.ReadAllAsync(cancellationToken);
}
