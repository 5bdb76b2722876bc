using Messaging.Testing.Leaks;
using Xunit;

namespace Messaging.Simulation;

/// <summary>What must not be left of an interleaving: objects that something still holds, and exceptions that nobody looked at.</summary>
internal sealed class Leftovers
{
    private readonly List<(int Index, WeakReference Reference)> _watched = [];
    private readonly UnobservedExceptions _unobserved = UnobservedExceptions.Start();

    /// <summary>This must be collected once its interleaving is over.</summary>
    public T Watch<T>(int index, T what)
        where T : class
    {
        _watched.Add((index, new WeakReference(what)));
        return what;
    }

    /// <summary>Collects, and looks.</summary>
    /// <param name="last">The interleaving that may still be on somebody's stack.</param>
    public void AssertNone(int last)
    {
        _unobserved.AssertNone();
        Assert.Empty(_watched.Where(one => one.Index != last && one.Reference.IsAlive).Select(static one => $"{one.Index} {one.Reference.Target}"));
    }
}
