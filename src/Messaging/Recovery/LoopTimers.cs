using Messaging.Loop;

namespace Messaging.Recovery;

/// <summary>What is to be done later on the loop. Owned by the loop.</summary>
internal sealed class LoopTimers(Func<LoopClock> clock)
{
    private readonly PriorityQueue<Action, long> _due = new();

    /// <summary>When the next one is due, in milliseconds of the loop's clock.</summary>
    public long NextDue => _due.TryPeek(out _, out long due) ? due : long.MaxValue;

    public void Add(TimeSpan delay, Action action) => _due.Enqueue(action, clock().DeadlineIn(delay));

    public void Run(long now)
    {
        while (_due.TryPeek(out Action? action, out long due) && due <= now)
        {
            _due.Dequeue();
            action();
        }
    }
}
