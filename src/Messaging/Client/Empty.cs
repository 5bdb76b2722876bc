using Messaging.Amqp;

namespace Messaging.Client;

internal static class Empty
{
    public static readonly IReadOnlyDictionary<Symbol, object?> Fields = new OrderedDictionary<Symbol, object?>();
}
