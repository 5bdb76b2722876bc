namespace Messaging.Amqp.Framing;

/// <summary>Maps of unsettled deliveries, from the delivery tag (<c>byte[]</c>) to the state or null (AMQP 1.0 part 2, 2.6.13, 2.7.3).</summary>
internal static class Unsettled
{
    /// <summary>An empty map, whose tags are compared by their bytes.</summary>
    public static Dictionary<object, object?> NewMap() => new(ValueComparer.Instance);
}
