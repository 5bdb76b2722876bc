namespace Messaging.Amqp.Framing;

/// <summary>Writes the fields whose values are maps or have several types.</summary>
internal static class ValueWriter
{
    public static void WriteUnsettled(AmqpWriter writer, IReadOnlyDictionary<object, object?> unsettled)
    {
        CompoundScope map = writer.BeginMap();
        int count = 0;
        foreach ((object tag, object? state) in unsettled)
        {
            writer.WriteValue(tag);
            DeliveryStates.Write(writer, (DeliveryState?)state);
            count += 2;
        }

        writer.EndMap(map, count);
    }

    public static void WriteMessageId(AmqpWriter writer, string name, object id)
    {
        if (id is not (string or ulong or Guid or byte[]))
            throw new ArgumentException($"A {name} is a string, ulong, Guid or byte[], not {id.GetType()}.", nameof(id));

        writer.WriteValue(id);
    }
}
