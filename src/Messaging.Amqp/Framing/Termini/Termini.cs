using System.Diagnostics;

namespace Messaging.Amqp.Framing;

/// <summary>Reads and writes the terminus fields of an attach, whose type only the descriptor tells.</summary>
internal static class Termini
{
    public static void WriteTarget(AmqpWriter writer, object target)
    {
        switch (target)
        {
            case Target node:
                Composite.Write(writer, node.Fields);
                break;
            case Coordinator coordinator:
                Composite.Write(writer, coordinator.Fields);
                break;
            default:
                throw new UnreachableException($"The target of an attach is a Target or a Coordinator, not {target.GetType()}.");
        }
    }

    /// <exception cref="AmqpCodecException">amqp:decode-error, also for a source of another type.</exception>
    public static Source ReadSource(ref AmqpReader reader)
    {
        if (!reader.TryReadDescriptor(out Descriptor descriptor))
            throw CodecErrors.Decode("a source is a described list; this one has no descriptor.");

        return descriptor.Is(Codes.Source, SourceFields.Name)
            ? new Source(Composite.ReadFields<SourceFields>(ref reader))
            : throw CodecErrors.UnknownDescriptor("a type of source", descriptor);
    }

    /// <summary>Reads a <see cref="Target"/> or a <see cref="Coordinator"/>.</summary>
    /// <exception cref="AmqpCodecException">amqp:decode-error, also for a target of another type.</exception>
    public static object ReadTarget(ref AmqpReader reader)
    {
        if (!reader.TryReadDescriptor(out Descriptor descriptor))
            throw CodecErrors.Decode("a target is a described list; this one has no descriptor.");

        if (descriptor.Is(Codes.Target, TargetFields.Name))
            return new Target(Composite.ReadFields<TargetFields>(ref reader));
        if (descriptor.Is(Codes.Coordinator, CoordinatorFields.Name))
            return new Coordinator(Composite.ReadFields<CoordinatorFields>(ref reader));

        throw CodecErrors.UnknownDescriptor("a type of target", descriptor);
    }
}
