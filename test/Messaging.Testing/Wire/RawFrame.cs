using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Testing;

/// <summary>A frame as it came over the wire.</summary>
/// <param name="Body">A performative; <see cref="RawTransfer"/>; "AMQP", "SASL" or "other" for a protocol header; null for an empty frame.</param>
internal sealed record RawFrame(ushort Channel, object? Body)
{
    public static object? ReadBody(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return null;
        AmqpReader reader = new(body);
        return body[2] switch
        {
            (byte)Codes.Open => Composite.Read<Open>(ref reader),
            (byte)Codes.Begin => Composite.Read<Begin>(ref reader),
            (byte)Codes.Attach => Composite.Read<Attach>(ref reader),
            (byte)Codes.Flow => Composite.Read<Flow>(ref reader),
            (byte)Codes.Transfer => ReadTransfer(ref reader, body),
            (byte)Codes.Disposition => Composite.Read<Disposition>(ref reader),
            (byte)Codes.Detach => Composite.Read<Detach>(ref reader),
            (byte)Codes.End => Composite.Read<End>(ref reader),
            (byte)Codes.Close => Composite.Read<Close>(ref reader),
            (byte)Codes.SaslMechanisms => Composite.Read<SaslMechanisms>(ref reader),
            (byte)Codes.SaslInit => Composite.Read<SaslInit>(ref reader),
            (byte)Codes.SaslChallenge => Composite.Read<SaslChallenge>(ref reader),
            (byte)Codes.SaslResponse => Composite.Read<SaslResponse>(ref reader),
            (byte)Codes.SaslOutcome => Composite.Read<SaslOutcome>(ref reader),
            _ => throw new InvalidOperationException($"Unexpected performative {body[2]}."),
        };
    }

    private static RawTransfer ReadTransfer(ref AmqpReader reader, ReadOnlySpan<byte> body)
    {
        Transfer transfer = TransferReader.Read(ref reader);
        return new RawTransfer(transfer.Handle, transfer.DeliveryId, transfer.Settled == true, transfer.More, transfer.Aborted, transfer.DeliveryTag.ToArray(), transfer.Resume, body[reader.Position..].ToArray()) { State = transfer.State };
    }
}

internal sealed record RawTransfer(uint Handle, uint? DeliveryId, bool Settled, bool More, bool Aborted, byte[] Tag, bool Resume, byte[] Payload)
{
    public DeliveryState? State { get; init; }
}
