namespace Messaging.Client;

/// <summary>What a client has opened and not yet seen end.</summary>
internal sealed class OwnedSet
{
    private readonly Lock _lock = new();
    private HashSet<IAsyncDisposable>? _items = [];

    /// <returns>False once the set is closed.</returns>
    public bool TryAdd(IAsyncDisposable item, Task ended)
    {
        lock (_lock)
        {
            if (_items is null)
                return false;
            _items.Add(item);
        }

        _ = ended.ContinueWith(_ => Remove(item), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return true;
    }

    public async Task DisposeAllAsync()
    {
        IAsyncDisposable[] items;
        lock (_lock)
        {
            items = [.. _items ?? []];
            _items = null;
        }

        await Task.WhenAll(items.Select(item => item.DisposeAsync().AsTask())).ConfigureAwait(false);
    }

    private void Remove(IAsyncDisposable item)
    {
        lock (_lock)
            _items?.Remove(item);
    }
}
