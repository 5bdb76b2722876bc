using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>Takes deliveries of one link into queues and settles them. One caller at a time.</summary>
internal sealed class Intake(IReceiver receiver, ILogger logger, ReceiverSettleMode settleMode)
{
    /// <summary>With receiver settle mode second: how many deliveries may wait for the sender to settle before the link stands still.</summary>
    private const int MaxUnsettled = 1000;

    private readonly Queue<Task> _settling = new();

    /// <summary>Takes the message out of its delivery.</summary>
    /// <returns>Null for a malformed message, which is refused.</returns>
    public async ValueTask<QueuedMessage?> ReadAsync(Queue queue, IDelivery delivery)
    {
        try
        {
            return queue.Read(delivery.Message);
        }
        catch (AmqpCodecException exception)
        {
            await RefuseAsync(delivery, exception.Error ?? new AmqpError(ErrorCondition.DecodeError, exception.Message)).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Puts a message into a queue as soon as there is room, and then accepts it: not before.</summary>
    public async ValueTask PutAsync(Queue queue, QueuedMessage message, IDelivery delivery, CancellationToken cancellationToken)
    {
        ValueTask<bool> entering = queue.Room.EnterAsync(message.Size, cancellationToken);
        bool hasWaited = !entering.IsCompleted;
        if (!await entering.ConfigureAwait(false))
        {
            await RefuseAsync(delivery, new AmqpError(ErrorCondition.NotFound, $"the queue '{queue.Address}' was deleted")).ConfigureAwait(false);
            return;
        }

        // A sender that left while the message waited at the door takes it for not delivered, and may send it again.
        if (hasWaited && !delivery.Settled && receiver.Closed.IsCompleted)
        {
            queue.Room.Leave(1, message.Size);
            return;
        }

        queue.Post(QueueCommand.Arrived, message);
        if (!delivery.Settled)
            await SettleAsync(delivery.AcceptAsync(CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>Rejects a message; one that the sender has settled cannot be, and ends the link (OASIS anonymous terminus, 2.2.2).</summary>
    public async ValueTask RefuseAsync(IDelivery delivery, AmqpError error)
    {
        BrokerLog.MessageRefused(logger, receiver.Name, error);
        if (delivery.Settled)
            await LinkLife.CloseAsync(receiver, error).ConfigureAwait(false);
        else
            await SettleAsync(delivery.RejectAsync(error, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>With settle mode first there is nothing to wait for; with second, only so many may be under way.</summary>
    private async ValueTask SettleAsync(ValueTask settling)
    {
        if (settleMode == ReceiverSettleMode.First)
        {
            await settling.ConfigureAwait(false);
            return;
        }

        _settling.Enqueue(ObserveAsync(settling));
        while (_settling.TryPeek(out Task? oldest) && (oldest.IsCompleted || _settling.Count > MaxUnsettled))
            await _settling.Dequeue().ConfigureAwait(false);
    }

    private static async Task ObserveAsync(ValueTask settling)
    {
        try
        {
            await settling.ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException)
        {
            // The link has ended before the sender settled: it does not know, the message is in the queue.
        }
    }
}
