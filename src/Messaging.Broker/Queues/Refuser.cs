namespace Messaging.Broker.Queues;

/// <summary>A consumer as the messages know it that must not go to it. It outlives the consumer's link, which those messages must not keep in memory.</summary>
internal sealed class Refuser(Consumer consumer)
{
    /// <summary>How many messages of its queue a consumer may refuse for itself: the queue looks past them each time that it hands something out.</summary>
    public const int Limit = 1000;

    /// <summary>Null once its link has ended.</summary>
    public Consumer? Consumer { get; set; } = consumer;

    /// <summary>Messages in the queue that must not go to it.</summary>
    public int Count { get; set; }

    /// <summary>Whether it gets nothing more until others have taken some of what it has refused.</summary>
    public bool IsAtLimit => Count >= Limit;
}
