using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>
/// The links that the peer attached and the application has not decided about. The set is owned by the loop; those that the application has not seen yet
/// wait in a list that a detach takes them out of, so that a peer that attaches and detaches for ever leaves nothing behind.
/// </summary>
internal sealed class IncomingLinks(TimeSpan decisionTimeout)
{
    private readonly HashSet<IncomingLink> _undecided = [];
    private readonly Lock _lock = new();
    private readonly LinkedList<IncomingLink> _unseen = new();
    private readonly Channel<bool> _arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public int Count => _undecided.Count;

    public void Add(IncomingLink link)
    {
        _undecided.Add(link);
        lock (_lock)
            _unseen.AddLast(link.Place);
        _arrived.Writer.TryWrite(true);
    }

    /// <summary>Decided, or detached by the peer before that.</summary>
    public bool Remove(IncomingLink link)
    {
        lock (_lock)
        {
            if (link.Place.List is not null)
                _unseen.Remove(link.Place);
        }

        return _undecided.Remove(link);
    }

    public void RefuseUndecided(long now)
    {
        foreach (IncomingLink link in _undecided.Where(link => link.Deadline <= now).ToArray())
            link.RefuseNow(new AmqpError(ErrorCondition.NotAllowed, $"the link was not accepted within {decisionTimeout}"));
    }

    public void End(CloseReason reason)
    {
        _undecided.Clear();
        lock (_lock)
            _unseen.Clear();
        _arrived.Writer.TryComplete(reason.Initiator == CloseInitiator.Local ? null : reason.Exception);
    }

    public async IAsyncEnumerable<IIncomingLink> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryTake(out IncomingLink? link))
                yield return link;
            else if (!await _arrived.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
                yield break;
            else
                _arrived.Reader.TryRead(out _);
        }
    }

    private bool TryTake([NotNullWhen(true)] out IncomingLink? link)
    {
        lock (_lock)
        {
            link = _unseen.First?.Value;
            if (link is null)
                return false;
            _unseen.RemoveFirst();
            if (_unseen.Count > 0)
                _arrived.Writer.TryWrite(true); // for another enumeration
            return true;
        }
    }
}
