using Messaging.Loop;

namespace Messaging.Client;

/// <summary>Raises the events of one connection and its links on the pool, in the order in which they happened.</summary>
internal sealed class EventQueue(LoopSettings settings)
{
    private readonly Lock _lock = new();
    private Task _raised = Task.CompletedTask;

    /// <summary>Raises an event for those who listen now: who comes later is not told what was before.</summary>
    public void Raise<T>(EventHandler<T>? handlers, object sender, T arguments)
        where T : EventArgs
    {
        if (handlers is null)
            return;
        lock (_lock)
            _raised = _raised.ContinueWith(_ => Call(handlers, sender, arguments), CancellationToken.None, TaskContinuationOptions.DenyChildAttach, TaskScheduler.Default);
    }

    private void Call<T>(EventHandler<T> handlers, object sender, T arguments)
    {
        foreach (EventHandler<T> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, arguments);
            }
            catch (Exception exception)
            {
                LoopLog.EventHandlerFailed(settings.Logger, settings.Name, exception);
            }
        }
    }
}
