using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Queues;

/// <summary>Hands messages to the consumers that have credit, one each in turn. Runs on the queue's turn.</summary>
internal sealed class QueueDispatcher(string address, MessageList waiting, ILogger logger)
{
    private const int MessagesPerTurn = 1024;

    private readonly LinkedList<Consumer> _ready = new();

    /// <summary>Puts a consumer into the ring, or waits for its credit.</summary>
    public void Offer(Consumer consumer)
    {
        // One at its limit of refusals has credit to wait for perhaps, but is offered anew only when a message that it refused has left.
        if (consumer.IsReady || consumer.Refuser.IsAtLimit)
            return;
        if (consumer.CanTake)
            _ready.AddLast(consumer.Place);
        else
            consumer.WatchCredit();
    }

    /// <summary>Takes a consumer that is gone out of the ring, in which it would stay while there are no messages.</summary>
    public void Forget(Consumer consumer)
    {
        if (consumer.IsReady)
            _ready.Remove(consumer.Place);
    }

    /// <summary>Hands out what there is, as far as credit goes.</summary>
    /// <param name="now">The time on the queue's clock.</param>
    /// <param name="drop">Called for each message that has outlived its time.</param>
    /// <returns>Whether there is more to hand out, after others have had their turn.</returns>
    public bool Dispatch(long now, Action<QueuedMessage> drop)
    {
        int done = 0;
        for (QueuedMessage? message = waiting.First; message is not null && done < MessagesPerTurn;)
        {
            QueuedMessage? next = message.Next;
            if (message.Expiry <= now)
            {
                BrokerLog.MessageExpired(logger, address);
                drop(message);
                done++;
            }
            else if (TryHandOut(message, now))
            {
                done++;
            }
            else if (_ready.Count == 0)
            {
                // One that those with credit may not take stays, and those behind it go on.
                return false;
            }

            message = next;
        }

        return done == MessagesPerTurn;
    }

    private bool TryHandOut(QueuedMessage message, long now)
    {
        for (int i = _ready.Count; i > 0; i--)
        {
            Consumer consumer = _ready.First!.Value;
            _ready.RemoveFirst();
            bool isDone = !message.IsRefusedBy(consumer) && TryHand(message, consumer, now);
            Offer(consumer);
            if (isDone)
                return true;
        }

        return false;
    }

    private bool TryHand(QueuedMessage message, Consumer consumer, long now)
    {
        // part 3, 3.2.1: what an intermediary passes on has the reduced time to live.
        if (message.Expiry != long.MaxValue)
            message.Message.TimeToLive = TimeSpan.FromMilliseconds(message.Expiry - now);

        // The list first: a hand-over puts the message into the consumer's.
        waiting.Remove(message);
        switch (consumer.TrySend(message))
        {
            case HandOver.Done:
                return true;
            case HandOver.TooLarge:
                BrokerLog.MessageTooLarge(logger, address, consumer.LinkName, consumer.Failure!);
                message.RefuseBy(consumer);
                break;
        }

        waiting.InsertInOrder(message);
        return false;
    }
}
