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
