namespace Messaging.Testing.Proxy;

/// <summary>How many frames of each kind have passed one way, and the waits for a certain number of them.</summary>
public sealed class FrameCounts
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly long[] _counts = new long[(int)FrameKind.Any + 1];
    private readonly List<Waiter> _waiters = [];
    private readonly string _name;
    private readonly FrameCounts? _parent;

    internal FrameCounts(string name, FrameCounts? parent = null)
    {
        _name = name;
        _parent = parent;
    }

    /// <summary>The frames of a kind that have passed whole; <see cref="FrameKind.Any"/> for all of them.</summary>
    public long this[FrameKind kind]
    {
        get
        {
            lock (_lock)
                return _counts[(int)kind];
        }
    }

    /// <summary>Completes when so many frames of a kind have passed since the beginning.</summary>
    /// <exception cref="TimeoutException">They have not within a minute; the text says what has.</exception>
    public async Task WaitForAsync(FrameKind frame, long count = 1)
    {
        Task reached = Reached(frame, count);
        try
        {
            await reached.WaitAsync(Limit, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {Limit.TotalSeconds} s for {count} {frame} {_name}; so far: {this}.");
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            IEnumerable<string> seen = _counts.Index().Where(entry => entry.Item > 0 && entry.Index != (int)FrameKind.Any).Select(entry => $"{(FrameKind)entry.Index} {entry.Item}");
            return _counts[(int)FrameKind.Any] == 0 ? "nothing" : string.Join(", ", seen);
        }
    }

    internal void Add(FrameKind kind)
    {
        lock (_lock)
        {
            _counts[(int)kind]++;
            _counts[(int)FrameKind.Any]++;
            foreach (Waiter waiter in _waiters)
                waiter.Complete(_counts);
            _waiters.RemoveAll(waiter => waiter.Reached.Task.IsCompleted);
        }

        _parent?.Add(kind);
    }

    private Task Reached(FrameKind kind, long count)
    {
        lock (_lock)
        {
            var waiter = new Waiter(kind, count);
            waiter.Complete(_counts);
            if (!waiter.Reached.Task.IsCompleted)
                _waiters.Add(waiter);
            return waiter.Reached.Task;
        }
    }

    private sealed record Waiter(FrameKind Kind, long Count)
    {
        public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Complete(long[] counts)
        {
            if (counts[(int)Kind] >= Count)
                Reached.TrySetResult();
        }
    }
}
