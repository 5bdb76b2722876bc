using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>
/// A link to the anonymous terminus: each message goes to the queue that its <c>To</c> names (OASIS "Using the AMQP Anonymous Terminus for Message Routing").
/// A full queue makes the link wait: the messages behind keep their order, and its credit runs out.
/// </summary>
internal sealed class RelayLink(QueueTable queues, BrokerOptions options, ILogger logger, CancellationToken stopping)
{
    private const int Window = 100;

    private Queue? _last;

    /// <summary>Serves the link to its end.</summary>
    public async Task RunAsync(IIncomingLink link)
    {
        IReceiver receiver = await link.AcceptReceiverAsync(new IncomingReceiverOptions
        {
            Target = new Target(),
            CreditWindow = Window,
            AutoAccept = false,
            MaxMessageSize = options.MaxMessageSize,
        }).ConfigureAwait(false);
        try
        {
            var intake = new Intake(receiver, logger, link.ReceiverSettleMode);
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(stopping).ConfigureAwait(false))
            {
                using (delivery)
                    await RelayAsync(delivery, intake).ConfigureAwait(false);
            }
        }
        finally
        {
            if (!stopping.IsCancellationRequested)
                await LinkLife.CloseAsync(receiver, new AmqpError(ErrorCondition.InternalError, "the broker could not go on with this link")).ConfigureAwait(false);
        }
    }

    private async ValueTask RelayAsync(IDelivery delivery, Intake intake)
    {
        string? to;
        try
        {
            to = delivery.Message.To;
        }
        catch (AmqpCodecException exception)
        {
            await intake.RefuseAsync(delivery, exception.Error ?? new AmqpError(ErrorCondition.DecodeError, exception.Message)).ConfigureAwait(false);
            return;
        }

        if (Find(to) is not { } queue)
        {
            await intake.RefuseAsync(delivery, NoQueue(to)).ConfigureAwait(false);
            return;
        }

        if (await intake.ReadAsync(queue, delivery).ConfigureAwait(false) is { } message)
            await intake.PutAsync(queue, message, delivery, stopping).ConfigureAwait(false);
    }

    private Queue? Find(string? to)
    {
        if (_last is { } last && string.Equals(last.Address, to, StringComparison.Ordinal) && !last.Deleted.IsCompleted)
            return last;
        return _last = string.IsNullOrEmpty(to) ? null : queues.Find(to);
    }

    private static AmqpError NoQueue(string? to) => string.IsNullOrEmpty(to)
        ? new AmqpError(ErrorCondition.InvalidField, "the message has no 'to', which the anonymous terminus needs")
        : new AmqpError(ErrorCondition.NotFound, $"there is no queue '{to}'");
}
