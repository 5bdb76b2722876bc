namespace Messaging.Testing.Simulation;

/// <summary>An application's context whose continuations run one by one, in an order that the seed decides.</summary>
internal sealed class SeededContext(Random random) : SynchronizationContext
{
    private readonly List<(SendOrPostCallback Callback, object? State)> _ready = [];

    public bool IsEmpty => _ready.Count == 0;

    public override void Post(SendOrPostCallback d, object? state) => _ready.Add((d, state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody may block here.");

    /// <summary>Runs something whose continuations come back to this context.</summary>
    public void Run(Action action)
    {
        SetSynchronizationContext(this);
        try
        {
            action();
        }
        finally
        {
            SetSynchronizationContext(null);
        }
    }

    /// <summary>Runs one of those that are ready.</summary>
    public void RunOne()
    {
        int index = random.Next(_ready.Count);
        (SendOrPostCallback callback, object? state) = _ready[index];
        _ready.RemoveAt(index);
        Run(() => callback(state));
    }
}
