using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>A link by which a peer sends to a queue. Its credit is the room that the queue has for it.</summary>
internal sealed class ProducerLink(Queue queue, BrokerOptions options, ILogger logger, CancellationToken stopping)
{
    /// <summary>Serves the link to its end.</summary>
    public async Task RunAsync(IIncomingLink link, string address)
    {
        IReceiver receiver = await link.AcceptReceiverAsync(new IncomingReceiverOptions
        {
            Target = TargetOf(link.Target!, address),
            CreditWindow = 0,
            AutoAccept = false,
            MaxMessageSize = options.MaxMessageSize,
        }).ConfigureAwait(false);
        Task ended = LinkLife.WaitAsync(receiver, queue);
        var credit = new CreditLine(receiver);
        queue.Room.Open(credit);
        try
        {
            await ReceiveAllAsync(receiver, credit, new Intake(receiver, logger, link.ReceiverSettleMode)).ConfigureAwait(false);
        }
        finally
        {
            queue.Room.Close(credit);
            if (!stopping.IsCancellationRequested)
                await LinkLife.CloseAsync(receiver, new AmqpError(ErrorCondition.InternalError, "the broker could not go on with this link")).ConfigureAwait(false);
            await ended.ConfigureAwait(false);
        }
    }

    private static Target TargetOf(Target asked, string address) => new()
    {
        Address = address,
        Dynamic = asked.Dynamic,
        DynamicNodeProperties = asked.DynamicNodeProperties,
        Capabilities = LinkLife.Honoured(asked),
    };

    private async Task ReceiveAllAsync(IReceiver receiver, CreditLine credit, Intake intake)
    {
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(stopping).ConfigureAwait(false))
        {
            using (delivery)
            {
                QueuedMessage? message = await intake.ReadAsync(queue, delivery).ConfigureAwait(false);
                queue.Room.Use(credit, message?.Size ?? 0);
                if (message is not null)
                    await intake.PutAsync(queue, message, delivery, stopping).ConfigureAwait(false);
            }
        }
    }
}
