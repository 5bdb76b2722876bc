using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>A link by which a peer sends to a queue. Its credit is the room that the queue has for it.</summary>
internal sealed class ProducerLink(Queue queue, PeerRights rights, BrokerOptions options, ILogger logger, CancellationToken stopping)
{
    /// <summary>Serves the link to its end.</summary>
    public async Task<CloseReason> RunAsync(IIncomingLink link, string address, LinkLease? lease)
    {
        IReceiver receiver = await link.AcceptReceiverAsync(new IncomingReceiverOptions
        {
            Target = TargetOf(link.Target!, address, lease),
            Unsettled = lease?.State.Compare(link.Unsettled, link.IsUnsettledIncomplete),
            CreditWindow = 0,
            AutoAccept = false,
            MaxMessageSize = options.MaxMessageSize,
        }).ConfigureAwait(false);
        lease?.Watch(receiver);
        Task ended = LinkLife.WaitAsync(receiver, queue);
        var credit = new CreditLine(receiver, options.MaxMessageSize);
        var intake = new Intake(receiver, rights, logger, link.ReceiverSettleMode, lease?.State, stopping);
        queue.Room.Open(credit);
        try
        {
            await ReceiveAllAsync(receiver, credit, intake).ConfigureAwait(false);
        }
        catch (Exception exception) when (receiver.Closed.IsCompleted && exception is MessagingException or OperationCanceledException)
        {
            BrokerLog.LinkEnded(logger, link.Name, address, exception.Message);
        }
        finally
        {
            queue.Room.Close(credit);
            if (!stopping.IsCancellationRequested)
                await LinkLife.CloseAsync(receiver, new AmqpError(ErrorCondition.InternalError, "the broker could not go on with this link")).ConfigureAwait(false);
            await ended.ConfigureAwait(false);
            await intake.FinishAsync().ConfigureAwait(false);
        }

        return await receiver.Closed.ConfigureAwait(false);
    }

    private static Target TargetOf(Target asked, string address, LinkLease? lease) => new()
    {
        Address = address,
        Dynamic = asked.Dynamic,
        DynamicNodeProperties = asked.DynamicNodeProperties,
        Capabilities = LinkLife.Honoured(asked),
        ExpiryPolicy = lease is null ? TerminusExpiryPolicy.SessionEnd : asked.ExpiryPolicy,
        Timeout = (uint)(lease?.Timeout.TotalSeconds ?? 0),
    };

    private async Task ReceiveAllAsync(IReceiver receiver, CreditLine credit, Intake intake)
    {
        using var gone = new LinkToken(receiver, stopping);
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(stopping).ConfigureAwait(false))
        {
            using (delivery)
            {
                if (delivery.IsResumed)
                {
                    queue.Room.Use(credit, 0);
                    await intake.ResumeAsync(delivery).ConfigureAwait(false);
                    continue;
                }

                QueuedMessage? message = await intake.ReadAsync(queue, delivery).ConfigureAwait(false);
                queue.Room.Use(credit, message?.Size ?? 0);
                if (message is not null)
                    await intake.PutAsync(queue, message, delivery, gone.Token).ConfigureAwait(false);
            }
        }
    }
}
