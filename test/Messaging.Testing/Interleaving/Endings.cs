using System.Runtime.CompilerServices;

namespace Messaging.Testing.Interleaving;

/// <summary>What this side has ended, so that its calls may say that it is disposed.</summary>
internal sealed class Endings
{
    private static readonly object Mark = new();

    private readonly ConditionalWeakTable<object, object> _ended = [];

    /// <summary>Books the end before it is asked for.</summary>
    public T Ending<T>(T what)
        where T : class
    {
        _ended.TryAdd(what, Mark);
        return what;
    }

    public bool Has(object what) => _ended.TryGetValue(what, out _);
}
