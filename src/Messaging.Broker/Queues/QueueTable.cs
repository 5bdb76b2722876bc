using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Messaging.Broker.Queues;

/// <summary>The queues by address. Safe for concurrent use.</summary>
internal sealed class QueueTable(BrokerOptions options, ILogger logger) : IDisposable
{
    /// <summary>How generated addresses begin: those are never made by attaching to them.</summary>
    private const string TemporaryPrefix = "$temporary/";

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue> _queues = new(StringComparer.Ordinal);
    private readonly BrokerClock _clock = new(options.TimeProvider);

    public int Count
    {
        get
        {
            lock (_lock)
                return _queues.Count;
        }
    }

    public static bool IsTemporary(string address) => address.StartsWith(TemporaryPrefix, StringComparison.Ordinal);

    /// <summary>Whether an address is that of a node of the server's own (<c>$cbs</c>, <c>$management</c>), of which this broker has none: what peers say there is not for other peers.</summary>
    public static bool IsNode(string address) => address.StartsWith('$');

    public Queue? Find(string address)
    {
        lock (_lock)
            return _queues.GetValueOrDefault(address);
    }

    /// <summary>Holds on to a queue, making it if need be; to be paired with <see cref="Release"/>.</summary>
    /// <returns>False when there are too many queues, or the address is that of a temporary queue which is gone, or of a node of the server's own.</returns>
    public bool TryHold(string address, [NotNullWhen(true)] out Queue? queue)
    {
        lock (_lock)
        {
            if (!_queues.TryGetValue(address, out queue) && !IsTemporary(address) && !IsNode(address))
                queue = Make(address, isTemporary: false);
            if (queue is not null)
                queue.Links++;
            return queue is not null;
        }
    }

    /// <summary>Makes a queue for one link, with a generated address; <see cref="Release"/> by that link deletes it.</summary>
    public Queue? MakeTemporary()
    {
        lock (_lock)
            return Make($"{TemporaryPrefix}{Guid.NewGuid():N}", isTemporary: true);
    }

    /// <summary>A link lets go of the queue.</summary>
    /// <param name="queue">What it held.</param>
    /// <param name="isMaker">Whether the queue was made for it.</param>
    public void Release(Queue queue, bool isMaker)
    {
        lock (_lock)
        {
            if (!isMaker)
            {
                queue.Links--;
                return;
            }

            _queues.Remove(queue.Address);
        }

        queue.Delete();
    }

    public void Dispose()
    {
        lock (_lock)
        {
            foreach (Queue queue in _queues.Values)
                queue.Delete();
            _queues.Clear();
        }
    }

    private Queue? Make(string address, bool isTemporary)
    {
        if (_queues.Count >= options.MaxQueues && !TryMakeRoom())
            return null;
        var queue = new Queue(address, isTemporary, options, _clock, logger);
        _queues.Add(address, queue);
        BrokerLog.QueueMade(logger, address);
        return queue;
    }

    /// <summary>Queues that hold nothing and that nobody holds would be made again as they are.</summary>
    private bool TryMakeRoom()
    {
        foreach (Queue idle in _queues.Values.Where(queue => queue is { IsTemporary: false, Links: 0, Room.Count: 0 }).ToArray())
        {
            _queues.Remove(idle.Address);
            idle.Delete();
        }

        return _queues.Count < options.MaxQueues;
    }
}
