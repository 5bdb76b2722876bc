using Messaging.Amqp;
using Messaging.Broker.Queues;

namespace Messaging.Broker.Links;

/// <summary>What the links to a queue have in common.</summary>
internal static class LinkLife
{
    /// <summary>Waits for the link's end; closes it when its queue is deleted before that.</summary>
    public static async Task WaitAsync(ILink link, Queue queue)
    {
        Task first = await Task.WhenAny(link.Closed, queue.Deleted).ConfigureAwait(false);
        if (!ReferenceEquals(first, link.Closed))
            await CloseAsync(link, new AmqpError(ErrorCondition.ResourceDeleted, $"the queue '{queue.Address}' was deleted")).ConfigureAwait(false);
        await link.Closed.ConfigureAwait(false);
    }

    /// <summary>Closes the link with an error; never throws.</summary>
    public static async Task CloseAsync(ILink link, AmqpError error)
    {
        try
        {
            await link.CloseAsync(error, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException or TimeoutException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Closes the link with an error and does not wait for the peer; never throws.</summary>
    public static async Task CloseNowAsync(ILink link, AmqpError error)
    {
        try
        {
            await link.CloseAsync(error, new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException or OperationCanceledException)
        {
            // Closing goes on without this call.
        }
    }

    /// <summary>The capabilities asked for that a queue has.</summary>
    public static IReadOnlyList<Symbol> Honoured(Terminus asked) => asked.Capabilities.Contains(BrokerCapabilities.Queue) ? [BrokerCapabilities.Queue] : [];
}
