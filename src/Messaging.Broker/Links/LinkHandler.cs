using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>Finds the queue that a link of a peer is for, and serves the link to its end.</summary>
internal sealed class LinkHandler(IConnection connection, PeerRights rights, QueueTable queues, LinkStates states, BrokerOptions options, ILogger logger, CancellationToken stopping)
{
    private static readonly Symbol Copy = "copy";

    /// <summary>Serves a link; never throws.</summary>
    public async Task HandleAsync(IIncomingLink link)
    {
        if (connection.Closed.IsCompleted)
            return; // a link of a dead connection must not take the state of a living one
        try
        {
            if (Refusal(link) is { } error)
                await RefuseAsync(link, error).ConfigureAwait(false);
            else if (link.Role == LinkRole.Sender)
                await ServeAsync(link, link.Source!, (queue, address) => new ConsumerLink(queue, logger).RunAsync(link, address)).ConfigureAwait(false);
            else if (link.Target is { Dynamic: false, Address: null })
                await KeepAsync(link, lease => new RelayLink(queues, rights, options, logger, stopping).RunAsync(link, lease)).ConfigureAwait(false);
            else
                await ServeAsync(link, link.Target!, (queue, address) => KeepAsync(link, lease => new ProducerLink(queue, rights, options, logger, stopping).RunAsync(link, address, lease))).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            BrokerLog.LinkEnded(logger, link.Name, link.Target?.Address ?? link.Source?.Address ?? "", exception.Message);
        }
        catch (Exception exception)
        {
            BrokerLog.HandlerFailed(logger, $"link '{link.Name}'", exception);
        }
    }

    /// <summary>Why the link cannot be served, whatever the address.</summary>
    private static AmqpError? Refusal(IIncomingLink link)
    {
        if (link.Role == LinkRole.Receiver)
            return link.Target is null ? new AmqpError(ErrorCondition.InvalidField, "the link has no target") : null;
        if (link.Source is not { } source)
            return new AmqpError(ErrorCondition.InvalidField, "the link has no source");
        if (source is { Dynamic: false, Address: null })
            return new AmqpError(ErrorCondition.InvalidField, "the source has no address: name a queue, or set dynamic");
        return source.DistributionMode == Copy ? new AmqpError(ErrorCondition.NotImplemented, "distribution-mode copy (browsing) is not supported") : null;
    }

    /// <summary>Serves a link whose state is kept when it is lost, if the peer asks for that.</summary>
    private async Task KeepAsync(IIncomingLink link, Func<LinkLease?, Task<CloseReason>> serve)
    {
        TimeSpan timeout = states.TimeoutFor(link, link.Target!);
        var key = new LinkKey(connection.RemoteIdentity, connection.RemoteContainerId ?? "", link.Name, link.Role);
        (LinkLease? lease, bool isNewest) = timeout > TimeSpan.Zero ? await states.TakeAsync(key, timeout, stopping).ConfigureAwait(false) : (null, true);
        if (!isNewest)
        {
            await RefuseAsync(link, LinkLease.Stolen).ConfigureAwait(false);
            return;
        }

        CloseReason? reason = null;
        try
        {
            reason = await serve(lease).ConfigureAwait(false);
        }
        finally
        {
            lease?.Release(reason);
        }
    }

    private async Task ServeAsync(IIncomingLink link, Terminus asked, Func<Queue, string, Task> serve)
    {
        Queue? queue = null;
        bool isHeld = asked.Dynamic ? (queue = queues.MakeTemporary()) is not null : queues.TryHold(asked.Address!, out queue);
        if (!isHeld)
        {
            await RefuseAsync(link, NoQueue(asked)).ConfigureAwait(false);
            return;
        }

        try
        {
            await serve(queue!, queue!.Address).ConfigureAwait(false);
        }
        finally
        {
            queues.Release(queue!, isMaker: asked.Dynamic);
        }
    }

    private AmqpError NoQueue(Terminus asked) => asked switch
    {
        { Dynamic: false, Address: { } address } when QueueTable.IsNode(address) => new AmqpError(ErrorCondition.NotFound, $"this broker has no node '{address}', and keeps no queues whose names begin with '$'"),
        { Dynamic: false, Address: { } address } when QueueTable.IsTemporary(address) => new AmqpError(ErrorCondition.NotFound, $"there is no temporary queue '{address}', or no longer"),
        _ => new AmqpError(ErrorCondition.ResourceLimitExceeded, $"the broker has {options.MaxQueues} queues, its limit"),
    };

    private async Task RefuseAsync(IIncomingLink link, AmqpError error)
    {
        BrokerLog.LinkRefused(logger, link.Name, connection.RemoteContainerId, error);
        await link.RefuseAsync(error, CancellationToken.None).ConfigureAwait(false);
    }
}
