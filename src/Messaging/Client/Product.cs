using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>What the SDK tells of itself in open.</summary>
internal static class Product
{
    public static readonly IReadOnlyDictionary<Symbol, object?> Properties = new OrderedDictionary<Symbol, object?>
    {
        ["product"] = "Messaging.NET",
        ["version"] = typeof(Product).Assembly.GetName().Version?.ToString(3) ?? "0",
        ["platform"] = $".NET {Environment.Version}",
    };
}
