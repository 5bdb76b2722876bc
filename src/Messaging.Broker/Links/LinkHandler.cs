using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>Finds the queue that a link of a peer is for, and serves the link to its end.</summary>
internal sealed class LinkHandler(IConnection connection, QueueTable queues, BrokerOptions options, ILogger logger, CancellationToken stopping)
{
    private static readonly Symbol Copy = "copy";

    /// <summary>Serves a link; never throws.</summary>
    public async Task HandleAsync(IIncomingLink link)
    {
        try
        {
            if (Refusal(link) is { } error)
                await RefuseAsync(link, error).ConfigureAwait(false);
            else if (link.Role == LinkRole.Sender)
                await ServeAsync(link, link.Source!, (queue, address) => new ConsumerLink(queue, logger).RunAsync(link, address)).ConfigureAwait(false);
            else if (link.Target is { Dynamic: false, Address: null })
                await new RelayLink(queues, options, logger, stopping).RunAsync(link).ConfigureAwait(false);
            else
                await ServeAsync(link, link.Target!, (queue, address) => new ProducerLink(queue, options, logger, stopping).RunAsync(link, address)).ConfigureAwait(false);
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

    private AmqpError NoQueue(Terminus asked) => !asked.Dynamic && QueueTable.IsTemporary(asked.Address!)
        ? new AmqpError(ErrorCondition.NotFound, $"there is no temporary queue '{asked.Address}', or no longer")
        : new AmqpError(ErrorCondition.ResourceLimitExceeded, $"the broker has {options.MaxQueues} queues, its limit");

    private async Task RefuseAsync(IIncomingLink link, AmqpError error)
    {
        BrokerLog.LinkRefused(logger, link.Name, connection.RemoteContainerId, error);
        await link.RefuseAsync(error, CancellationToken.None).ConfigureAwait(false);
    }
}
