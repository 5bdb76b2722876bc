namespace Messaging.Broker.Queues;

/// <summary>What a queue is told; see <see cref="Queue"/>.</summary>
internal enum QueueCommand
{
    /// <summary>A message has arrived, and there is room for it.</summary>
    Arrived,

    /// <summary>The outcome of a message that a consumer has may be there.</summary>
    Settled,

    /// <summary>A consumer has attached.</summary>
    ConsumerAttached,

    /// <summary>A consumer has credit, or a drain to be answered.</summary>
    ConsumerReady,

    /// <summary>A consumer asks for what there is, and for its credit back.</summary>
    DrainAsked,

    /// <summary>A drain was answered.</summary>
    DrainAnswered,

    /// <summary>A consumer's link has ended.</summary>
    ConsumerGone,

    /// <summary>The message at the head may have outlived its time.</summary>
    TimePassed,

    /// <summary>The queue is deleted.</summary>
    Deleted,
}
