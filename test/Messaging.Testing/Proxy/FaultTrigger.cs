namespace Messaging.Testing.Proxy;

/// <summary>A fault that waits for its frame.</summary>
internal sealed class FaultTrigger(FrameKind kind, int count, bool before, Action<ProxyConnection> fault)
{
    private readonly TaskCompletionSource _fired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _missing = count;

    public Task Fired => _fired.Task;

    /// <summary>Counts the frame that begins (or has ended) here.</summary>
    /// <returns>Whether it is the one that was waited for.</returns>
    public bool Matches(FrameKind seen, bool atStart) =>
        atStart == before && (kind == FrameKind.Any || kind == seen) && --_missing == 0;

    public void Fire(ProxyConnection connection)
    {
        fault(connection);
        _fired.TrySetResult();
    }

    public void Abandon() => _fired.TrySetCanceled();
}
