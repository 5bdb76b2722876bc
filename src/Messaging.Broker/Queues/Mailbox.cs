using System.Collections.Concurrent;

namespace Messaging.Broker.Queues;

/// <summary>Runs what is posted to it one after another, in batches on the thread pool: one owner without a lock and without a task.</summary>
internal abstract class Mailbox : IThreadPoolWorkItem
{
    private const int CommandsPerTurn = 1024;

    private readonly ConcurrentQueue<(QueueCommand Command, object? Subject)> _commands = new();
    private int _isScheduled;

    /// <summary>Hands a command over, from any thread.</summary>
    public void Post(QueueCommand command, object? subject)
    {
        _commands.Enqueue((command, subject));
        Schedule();
    }

    /// <summary>Runs one command. It must not throw.</summary>
    protected abstract void Handle(QueueCommand command, object? subject);

    /// <summary>Runs after a batch of commands. It must not throw.</summary>
    /// <returns>Whether there is more to do, after others have had their turn.</returns>
    protected abstract bool FinishTurn();

    void IThreadPoolWorkItem.Execute()
    {
        for (int i = 0; i < CommandsPerTurn && _commands.TryDequeue(out (QueueCommand Command, object? Subject) next); i++)
            Handle(next.Command, next.Subject);

        bool more = FinishTurn();
        // A full fence between the flag and the look at the queue: a post that saw the flag set must be seen here.
        Interlocked.Exchange(ref _isScheduled, 0);
        if (more || !_commands.IsEmpty)
            Schedule();
    }

    private void Schedule()
    {
        if (Interlocked.Exchange(ref _isScheduled, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }
}
