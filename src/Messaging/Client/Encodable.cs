using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>Finds values that AMQP cannot express at the call that brings them: on the loop they would end the connection.</summary>
internal static class Encodable
{
    /// <summary>Checks the maps of a state; those without one are always right.</summary>
    /// <exception cref="ArgumentException">A value has a type that AMQP does not have.</exception>
    public static void Require(DeliveryState state)
    {
        switch (state)
        {
            case Rejected rejected:
                Require(rejected.Error);
                break;
            case Modified { MessageAnnotations: { } annotations }:
                Require(annotations);
                break;
        }
    }

    /// <summary>Checks the info map of an error.</summary>
    /// <exception cref="ArgumentException">A value has a type that AMQP does not have.</exception>
    public static void Require(AmqpError? error)
    {
        if (error?.Info is { } info)
            Require(info);
    }

    private static void Require(IReadOnlyDictionary<Symbol, object?> fields)
    {
        using var writer = new AmqpWriter();
        foreach (object? value in fields.Values)
            writer.WriteValue(value);
    }
}
