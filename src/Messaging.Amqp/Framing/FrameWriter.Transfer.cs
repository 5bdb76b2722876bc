namespace Messaging.Amqp.Framing;

internal static partial class FrameWriter
{
    /// <summary>Writes a transfer with its payload.</summary>
    public static void WriteTransfer(AmqpWriter output, ushort channel, in Transfer transfer, ReadOnlySpan<byte> payload) =>
        Write(output, FrameHeader.AmqpType, channel, transfer, payload);
}
