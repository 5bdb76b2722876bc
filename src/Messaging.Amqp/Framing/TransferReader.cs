namespace Messaging.Amqp.Framing;

/// <summary>Reads the performative of a transfer frame; the payload is what remains in the reader.</summary>
internal static class TransferReader
{
    /// <summary>Reads the descriptor and the list.</summary>
    public static Transfer Read(ref AmqpReader reader) => Composite.Read<Transfer>(ref reader);

    /// <summary>Reads the list of a transfer whose descriptor has been read.</summary>
    public static Transfer ReadFields(ref AmqpReader reader) => Composite.ReadFields<Transfer>(ref reader);
}
