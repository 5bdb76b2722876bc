using Messaging.Amqp;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>The states of links that may be resumed (AMQP 1.0 part 2, 2.6.13): each belongs to a link, or waits for it for a while. Safe for concurrent use.</summary>
internal sealed class LinkStates(BrokerOptions options, ILogger logger) : IDisposable
{
    /// <summary>How long a link waits for the end of the one that it takes the state from.</summary>
    private static readonly TimeSpan HandOverTimeout = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<LinkKey, LinkState> _states = [];
    private readonly LinkedList<LinkState> _waiting = new(); // for their links, the longest first

    /// <summary>How long the state of a link is kept; zero when the peer does not ask for that, or could not use it.</summary>
    public TimeSpan TimeoutFor(IIncomingLink link, Terminus asked)
    {
        if (options.MaxKeptLinks == 0 || asked.Dynamic || link.ReceiverSettleMode != ReceiverSettleMode.Second)
            return TimeSpan.Zero;
        if (asked.ExpiryPolicy == TerminusExpiryPolicy.Never)
            return options.KeptLinkTimeout;
        var wanted = TimeSpan.FromSeconds(asked.Timeout);
        return wanted < options.KeptLinkTimeout ? wanted : options.KeptLinkTimeout;
    }

    /// <summary>Takes the state of a link, or a new one; from a link that still has it as soon as that has ended. Who comes later goes first: it is the one that lives.</summary>
    /// <returns>No lease when that link does not end; not the newest when another has come for the state meanwhile.</returns>
    public async ValueTask<(LinkLease? Lease, bool IsNewest)> TakeAsync(LinkKey key, TimeSpan timeout, CancellationToken cancellationToken)
    {
        object me = new();
        lock (_lock)
            StateOf(key).Newest = me;
        while (true)
        {
            LinkLease holder;
            lock (_lock)
            {
                LinkState state = StateOf(key);
                if ((state.Newest ??= me) != me)
                    return (null, false);
                if (state.Holder is null)
                    return (Take(state, timeout), true);
                holder = state.Holder;
            }

            holder.Steal();
            try
            {
                await holder.Ended.WaitAsync(HandOverTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                BrokerLog.LinkNotResumed(logger, key.Name, key.ContainerId, HandOverTimeout);
                return (null, true);
            }
        }
    }

    /// <summary>The link has ended: its state waits for the next one, or is forgotten.</summary>
    public void Release(LinkLease lease, bool isKept)
    {
        LinkState state = lease.State;
        lock (_lock)
        {
            state.Holder = null;
            state.IsNew = false;
            if (!isKept)
            {
                _states.Remove(state.Key);
                return;
            }

            _waiting.AddLast(state);
            state.Timer = options.TimeProvider.CreateTimer(_ => Expire(state), null, lease.Timeout, Timeout.InfiniteTimeSpan);
            if (_waiting.Count > options.MaxKeptLinks)
                Forget(_waiting.First!.Value);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            while (_waiting.First is { } first)
                Forget(first.Value);
        }
    }

    private LinkState StateOf(LinkKey key)
    {
        if (!_states.TryGetValue(key, out LinkState? state))
            _states.Add(key, state = new LinkState(key));
        return state;
    }

    private LinkLease Take(LinkState state, TimeSpan timeout)
    {
        if (_waiting.Remove(state))
            state.Timer!.Dispose();
        return state.Holder = new LinkLease(this, state, timeout);
    }

    private void Expire(LinkState state)
    {
        lock (_lock)
        {
            if (state.Holder is null && _states.GetValueOrDefault(state.Key) == state)
                Forget(state);
        }
    }

    private void Forget(LinkState state)
    {
        state.Timer!.Dispose();
        _waiting.Remove(state);
        _states.Remove(state.Key);
    }
}
