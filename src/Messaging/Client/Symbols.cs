using Messaging.Amqp;

namespace Messaging.Client;

internal static class Symbols
{
    /// <summary>The array for an optional "multiple" field: null when there is nothing to say.</summary>
    public static Symbol[]? ToArrayOrNull(this IReadOnlyList<Symbol> symbols) => symbols.Count == 0 ? null : [.. symbols];
}
