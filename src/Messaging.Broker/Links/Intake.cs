using Messaging.Amqp;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Links;

/// <summary>Takes deliveries of one link into queues and settles them. One caller at a time.</summary>
internal sealed class Intake(IReceiver receiver, PeerRights rights, ILogger logger, ReceiverSettleMode settleMode, LinkState? state, CancellationToken stopping)
{
    /// <summary>With receiver settle mode second: how many deliveries may wait for the sender to settle before the link stands still.</summary>
    private const int MaxUnsettled = 1000;

    private readonly Queue<Task> _settling = new();

    /// <summary>A delivery that an earlier attach of the link brought is not taken again: its sender learns the outcome, or has learnt it.</summary>
    public async ValueTask ResumeAsync(IDelivery delivery)
    {
        if (delivery.Settled)
            state?.Remove(delivery.Tag);
        else if (state?.Find(delivery.Tag) is { } outcome)
            await SettleAsync(delivery, outcome).ConfigureAwait(false);
    }

    /// <summary>Takes the message out of its delivery.</summary>
    /// <returns>Null for a malformed message and for one in another user's name, which are refused.</returns>
    public async ValueTask<QueuedMessage?> ReadAsync(Queue queue, IDelivery delivery)
    {
        try
        {
            if (rights.Refusal(delivery.Message) is not { } refusal)
                return queue.Read(delivery.Message);
            await RefuseAsync(delivery, refusal).ConfigureAwait(false);
            return null;
        }
        catch (AmqpCodecException exception)
        {
            await RefuseAsync(delivery, exception.Error ?? new AmqpError(ErrorCondition.DecodeError, exception.Message)).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Puts a message into a queue as soon as there is room, and then accepts it: not before.</summary>
    /// <param name="queue">Where it goes.</param>
    /// <param name="message">What goes there.</param>
    /// <param name="delivery">How it came.</param>
    /// <param name="gone">Cancelled when the link has ended: its sender sends again what it has not settled. What it has settled it has forgotten, and is ours until the broker stops.</param>
    public async ValueTask PutAsync(Queue queue, QueuedMessage message, IDelivery delivery, CancellationToken gone)
    {
        ValueTask<bool> entering;
        if (!delivery.Settled)
        {
            entering = queue.Room.EnterAsync(message.Size, gone);
        }
        else if (!queue.Room.TryEnterSettled(message.Size, stopping, out entering))
        {
            BrokerLog.MessageDropped(logger, queue.Address, receiver.Name);
            return;
        }

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
            await SettleAsync(delivery, Accepted.Instance).ConfigureAwait(false);
    }

    /// <summary>Rejects a message; one that the sender has settled cannot be, and ends the link (OASIS anonymous terminus, 2.2.2).</summary>
    public async ValueTask RefuseAsync(IDelivery delivery, AmqpError error)
    {
        BrokerLog.MessageRefused(logger, receiver.Name, error);
        if (delivery.Settled)
            await LinkLife.CloseAsync(receiver, error).ConfigureAwait(false);
        else
            await SettleAsync(delivery, new Rejected(error)).ConfigureAwait(false);
    }

    /// <summary>Waits until nothing is under way any more: the link has ended.</summary>
    public Task FinishAsync() => Task.WhenAll(_settling);

    /// <summary>With settle mode first there is nothing to wait for; with second, only so many may be under way.</summary>
    private async ValueTask SettleAsync(IDelivery delivery, Outcome outcome)
    {
        state?.Add(delivery.Tag, outcome);
        ValueTask settling = outcome is Rejected rejected ? delivery.RejectAsync(rejected.Error, CancellationToken.None) : delivery.AcceptAsync(CancellationToken.None);
        if (settleMode == ReceiverSettleMode.First)
        {
            await settling.ConfigureAwait(false);
            return;
        }

        _settling.Enqueue(ObserveAsync(settling, delivery.Tag));
        while (_settling.TryPeek(out Task? oldest) && (oldest.IsCompleted || _settling.Count > MaxUnsettled))
            await _settling.Dequeue().ConfigureAwait(false);
    }

    private async Task ObserveAsync(ValueTask settling, ReadOnlyMemory<byte> tag)
    {
        try
        {
            await settling.ConfigureAwait(false);
            state?.Remove(tag);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException or TimeoutException)
        {
            // The link has ended before the sender settled, or the sender takes its time: it does not know, the message is in the queue.
        }
    }
}
