namespace Messaging.Simulation;

/// <summary>What must not be left of an interleaving: objects that something still holds, and exceptions that nobody looked at.</summary>
internal sealed class Leftovers
{
    private readonly List<(int Index, WeakReference Reference)> _watched = [];
    private readonly List<string> _unobserved = [];

    public Leftovers() => TaskScheduler.UnobservedTaskException += (_, args) =>
    {
        lock (_unobserved)
            _unobserved.Add(args.Exception.ToString());
    };

    /// <summary>This must be collected once its interleaving is over.</summary>
    public T Watch<T>(int index, T what)
        where T : class
    {
        _watched.Add((index, new WeakReference(what)));
        return what;
    }

    /// <param name="last">The interleaving that may still be on somebody's stack.</param>
    /// <exception cref="InvalidOperationException">Something is left.</exception>
    public void ThrowIfAny(int last)
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        lock (_unobserved)
        {
            string[] left = [.. _watched.Where(one => one.Index != last && one.Reference.IsAlive).Select(one => $"{one.Index} {one.Reference.Target}")];
            if (left.Length > 0 || _unobserved.Count > 0)
                throw new InvalidOperationException($"{left.Length} of {_watched.Count} objects are left: {string.Join(", ", left.Take(10))}; {_unobserved.Count} exceptions were not observed: {_unobserved.FirstOrDefault()}");
        }
    }
}
