namespace Messaging.Amqp.Framing;

/// <summary>Reads and writes delivery states, whose type only the descriptor tells.</summary>
internal static class DeliveryStates
{
    public static void Write(AmqpWriter writer, DeliveryState? state)
    {
        if (state is null)
            writer.WriteNull();
        else
            state.Write(writer);
    }

    /// <summary>Reads a state or null. Accepted and released give the singletons.</summary>
    /// <exception cref="AmqpCodecException">amqp:decode-error, also for a state that the specification does not have.</exception>
    public static DeliveryState? Read(ref AmqpReader reader)
    {
        if (reader.TryReadNull())
            return null;

        ulong code = ReadCode(ref reader, out Descriptor descriptor);
        switch (code)
        {
            case Codes.Received:
                ReceivedFields received = Composite.ReadFields<ReceivedFields>(ref reader);
                return new Received(received.SectionNumber, received.SectionOffset);
            case Codes.TransactionalState:
                TransactionalStateFields state = Composite.ReadFields<TransactionalStateFields>(ref reader);
                return new TransactionalState(state.TransactionId, state.Outcome);
            default:
                return ReadOutcome(ref reader, code, descriptor);
        }
    }

    /// <summary>Reads an outcome or null. States that are not outcomes are refused before their fields are read, so that they cannot nest.</summary>
    /// <exception cref="AmqpCodecException">amqp:decode-error.</exception>
    public static Outcome? ReadOutcome(ref AmqpReader reader)
    {
        if (reader.TryReadNull())
            return null;

        ulong code = ReadCode(ref reader, out Descriptor descriptor);
        return ReadOutcome(ref reader, code, descriptor);
    }

    private static Outcome ReadOutcome(ref AmqpReader reader, ulong code, in Descriptor descriptor)
    {
        switch (code)
        {
            case Codes.Accepted:
                Composite.ReadFields<AcceptedFields>(ref reader);
                return Accepted.Instance;
            case Codes.Released:
                Composite.ReadFields<ReleasedFields>(ref reader);
                return Released.Instance;
            case Codes.Rejected:
                return new Rejected(Composite.ReadFields<RejectedFields>(ref reader).Error);
            case Codes.Modified:
                return new Modified(Composite.ReadFields<ModifiedFields>(ref reader));
            case Codes.Declared:
                return new Declared(Composite.ReadFields<DeclaredFields>(ref reader).TransactionId);
            default:
                throw CodecErrors.UnknownDescriptor("a delivery state or outcome", descriptor);
        }
    }

    private static ulong ReadCode(ref AmqpReader reader, out Descriptor descriptor)
    {
        if (!reader.TryReadDescriptor(out descriptor))
            throw CodecErrors.Decode("a delivery state is a described list; this one has no descriptor.");

        return DescriptorNames.TryGetCode(descriptor, out ulong code) ? code : throw CodecErrors.UnknownDescriptor("a delivery state", descriptor);
    }
}
