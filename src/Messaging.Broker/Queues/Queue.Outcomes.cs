using Messaging.Amqp;

namespace Messaging.Broker.Queues;

/// <content>What becomes of a message that a consumer has had (AMQP 1.0 part 3, 3.4).</content>
internal sealed partial class Queue
{
    private const int MostLookedAt = 1024;

    /// <summary>Looks at the outcome, if it is there. One that failed is left to <see cref="QueueCommand.ConsumerGone"/>, which knows how the link ended.</summary>
    private void Settle(QueuedMessage message)
    {
        if (message.Sent?.Outcome is { IsCompletedSuccessfully: true } outcome)
            Apply(outcome.Result, message, message.Holder!);
    }

    /// <summary>Looks at what the consumer has had longest; at no more, for it may have any number and give credit as often as it likes.</summary>
    private void SettleOldest(Consumer consumer)
    {
        QueuedMessage? message = consumer.Unsettled.First;
        for (int i = 0; i < MostLookedAt && message is not null; i++)
        {
            QueuedMessage? next = message.Next;
            Settle(message);
            message = next;
        }
    }

    private void TakeBackAll(Consumer consumer)
    {
        consumer.MarkGone();
        _dispatcher.Forget(consumer);
        bool hasFailed = consumer.HasFailed;
        while (consumer.Unsettled.First is { } message)
        {
            // An outcome that came before the end counts, though its own notice is still on the way.
            if (message.Sent!.Outcome is { IsCompletedSuccessfully: true } outcome)
                Apply(outcome.Result, message, consumer);
            else
                Return(message, consumer, hasFailed && WasSent(message));
        }
    }

    /// <summary>One that never left is no failed attempt.</summary>
    private static bool WasSent(QueuedMessage message) => message.Sent!.Outcome.Exception?.InnerException is DeliveryInDoubtException;

    /// <summary>part 3, 3.4.</summary>
    private void Apply(Outcome outcome, QueuedMessage message, Consumer consumer)
    {
        switch (outcome)
        {
            case Accepted:
                Remove(message, consumer);
                break;
            case Rejected rejected:
                BrokerLog.MessageRejected(_logger, Address, consumer.LinkName, rejected.Error);
                Remove(message, consumer);
                break;
            case Modified modified:
                Modify(message, modified, consumer);
                break;
            default:
                Return(message, consumer, hasFailed: false);
                break;
        }
    }

    private void Modify(QueuedMessage message, Modified modified, Consumer consumer)
    {
        if (modified.MessageAnnotations is { Count: > 0 } annotations)
            Annotate(message, annotations, consumer);
        if (modified.UndeliverableHere)
            message.RefuseBy(consumer);
        Return(message, consumer, modified.DeliveryFailed);
    }

    /// <summary>One outcome may be of any number of messages: like a message, annotations that reach the queue's bound are still taken, and none beyond it.</summary>
    private void Annotate(QueuedMessage message, IReadOnlyDictionary<Symbol, object?> annotations, Consumer consumer)
    {
        if (!Room.HasBytes(_leftBytes))
        {
            BrokerLog.AnnotationsLeftOut(_logger, Address, consumer.LinkName);
            return;
        }

        foreach ((Symbol key, object? value) in annotations)
            message.Message.MessageAnnotations[key] = value;
        _leftBytes += message.Size;
        message.Measure();
        _leftBytes -= message.Size;
    }

    private void Remove(QueuedMessage message, Consumer consumer)
    {
        consumer.Unsettled.Remove(message);
        message.TakeBack();
        Leave(message);
    }

    private void Return(QueuedMessage message, Consumer consumer, bool hasFailed)
    {
        consumer.Unsettled.Remove(message);
        message.TakeBack();
        if (hasFailed && message.Message.DeliveryCount < uint.MaxValue)
            message.Message.DeliveryCount++;
        if (_deleted.Task.IsCompleted)
            Leave(message);
        else
            _waiting.InsertInOrder(message);
    }
}
