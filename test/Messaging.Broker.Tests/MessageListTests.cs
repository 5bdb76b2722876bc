using CsCheck;
using Messaging.Broker.Queues;
using Microsoft.Extensions.Logging.Abstractions;

namespace Messaging.Broker.Tests;

public sealed class MessageListTests
{
    [Fact]
    public void TakenAndReturned_InAnyOrder_ListStaysInOrder()
    {
        Queue queue = NewQueue();

        Gen.Int[0, 5].Array[0, 200].Sample(operations =>
        {
            var list = new MessageList();
            List<QueuedMessage> outside = [];
            long last = 0;
            foreach (int operation in operations)
            {
                switch (operation)
                {
                    case 0 or 1 or 2:
                        QueuedMessage message = queue.Read(new Message());
                        message.Sequence = ++last;
                        list.Append(message);
                        break;
                    case 3 when list.First is { } first:
                        list.Remove(first);
                        outside.Add(first);
                        break;
                    case 4 when outside.Count > 0:
                        list.InsertInOrder(outside[^1]);
                        outside.RemoveAt(outside.Count - 1);
                        break;
                    case 5 when outside.Count > 0:
                        list.InsertInOrder(outside[0]);
                        outside.RemoveAt(0);
                        break;
                }
            }

            return IsInOrder(list) && list.Count + outside.Count == last;
        });
    }

    /// <summary>A consumer may have any number of messages and give them back in any order.</summary>
    [Fact]
    public void Returned_FromBothEnds_TakesNoLongerForMany()
    {
        const int Count = 200_000;
        Queue queue = NewQueue();
        var list = new MessageList();
        QueuedMessage[] messages = [.. Enumerable.Range(1, Count).Select(number =>
        {
            QueuedMessage message = queue.Read(new Message());
            message.Sequence = number;
            return message;
        })];
        long start = TimeProvider.System.GetTimestamp();

        for (int i = 0; i < Count / 2; i++)
        {
            list.InsertInOrder(messages[i]);
            list.InsertInOrder(messages[Count - 1 - i]);
        }

        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(20)); // in the square of them: minutes
        Assert.True(IsInOrder(list));
    }

    private static bool IsInOrder(MessageList list)
    {
        int count = 0;
        QueuedMessage? previous = null;
        for (QueuedMessage? message = list.First; message is not null; message = message.Next)
        {
            if (!ReferenceEquals(message.Previous, previous) || !ReferenceEquals(message.List, list) || previous?.Sequence >= message.Sequence)
                return false;
            previous = message;
            count++;
        }

        return count == list.Count;
    }

    private static Queue NewQueue() => new("q", isTemporary: false, new BrokerOptions(), new BrokerClock(TimeProvider.System), NullLogger.Instance);
}
