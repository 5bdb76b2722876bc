using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>The links that the peer attached and the application has not decided about. The set is owned by the loop, the channel is read by anyone.</summary>
internal sealed class IncomingLinks(TimeSpan decisionTimeout)
{
    private readonly Channel<IncomingLink> _channel = Channel.CreateUnbounded<IncomingLink>(new UnboundedChannelOptions { SingleWriter = true });
    private readonly HashSet<IncomingLink> _undecided = [];

    public int Count => _undecided.Count;

    public void Add(IncomingLink link)
    {
        _undecided.Add(link);
        _channel.Writer.TryWrite(link);
    }

    /// <summary>Decided, or detached by the peer before that.</summary>
    public bool Remove(IncomingLink link) => _undecided.Remove(link);

    public void RefuseUndecided(long now)
    {
        foreach (IncomingLink link in _undecided.Where(link => link.Deadline <= now).ToArray())
            link.RefuseNow(new AmqpError(ErrorCondition.NotAllowed, $"the link was not accepted within {decisionTimeout}"));
    }

    public void End(CloseReason reason)
    {
        _undecided.Clear();
        _channel.Writer.TryComplete(reason.Initiator == CloseInitiator.Local ? null : reason.Exception);
    }

    public async IAsyncEnumerable<IIncomingLink> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (IncomingLink link in _channel.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!link.IsDecided)
                yield return link;
        }
    }
}
