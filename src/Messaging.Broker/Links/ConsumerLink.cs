using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>A link by which a peer receives from a queue.</summary>
internal sealed class ConsumerLink(Queue queue, ILogger logger)
{
    private static readonly Symbol[] Outcomes = ["amqp:accepted:list", "amqp:rejected:list", "amqp:released:list", "amqp:modified:list"];
    private static readonly Symbol Move = "move";

    /// <summary>Serves the link to its end.</summary>
    public async Task RunAsync(IIncomingLink link, string address)
    {
        ISender sender = await link.AcceptSenderAsync(new IncomingSenderOptions { Source = SourceOf(link.Source!, address), ManualDrain = true }).ConfigureAwait(false);
        var consumer = new Consumer(queue, sender);
        queue.Post(QueueCommand.ConsumerAttached, consumer);
        try
        {
            await LinkLife.WaitAsync(sender, queue).ConfigureAwait(false);
        }
        finally
        {
            queue.Post(QueueCommand.ConsumerGone, consumer);
        }

        BrokerLog.LinkEnded(logger, link.Name, address, sender.Closed.Result.Exception?.Message ?? "closed");
    }

    /// <summary>What is in effect, not what was asked for: no filters, nothing durable (part 3, 3.5.3).</summary>
    private static Source SourceOf(Source asked, string address) => new()
    {
        Address = address,
        Dynamic = asked.Dynamic,
        DynamicNodeProperties = asked.DynamicNodeProperties,
        DistributionMode = Move,
        DefaultOutcome = asked.DefaultOutcome,
        Outcomes = Outcomes,
        Capabilities = LinkLife.Honoured(asked),
    };
}
