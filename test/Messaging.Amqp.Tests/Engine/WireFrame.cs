using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>A frame (or a protocol header) that an engine wrote, decoded.</summary>
/// <param name="Body">The performative; a <see cref="WireTransfer"/>; "AMQP" or "SASL" for a header; null for an empty frame.</param>
internal sealed record WireFrame(ushort Channel, object? Body, int Size)
{
    public static List<WireFrame> ReadAll(ReadOnlySpan<byte> bytes)
    {
        List<WireFrame> frames = [];
        while (!bytes.IsEmpty)
        {
            WireFrame frame = Read(bytes);
            frames.Add(frame);
            bytes = bytes[frame.Size..];
        }

        return frames;
    }

    private static WireFrame Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith(FrameWriter.AmqpHeader) || bytes.StartsWith(FrameWriter.SaslHeader))
        {
            return new WireFrame(0, bytes.StartsWith(FrameWriter.AmqpHeader) ? "AMQP" : "SASL", 8);
        }

        Assert.True(FrameHeader.TryRead(bytes, out FrameHeader header));
        Assert.True(header.IsValid);
        ReadOnlySpan<byte> body = bytes[header.BodyOffset..(int)header.Size];
        return new WireFrame(header.Channel, body.IsEmpty ? null : ReadBody(body), (int)header.Size);
    }

    private static object ReadBody(ReadOnlySpan<byte> body)
    {
        AmqpReader reader = new(body);
        return body[2] switch
        {
            (byte)Codes.Open => Composite.Read<Open>(ref reader),
            (byte)Codes.Begin => Composite.Read<Begin>(ref reader),
            (byte)Codes.Attach => Composite.Read<Attach>(ref reader),
            (byte)Codes.Flow => Composite.Read<Flow>(ref reader),
            (byte)Codes.Transfer => ReadTransfer(ref reader),
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

    private static WireTransfer ReadTransfer(ref AmqpReader reader)
    {
        Transfer transfer = TransferReader.Read(ref reader);
        return new WireTransfer(
            transfer.Handle,
            transfer.DeliveryId,
            transfer.HasDeliveryTag ? Convert.ToHexString(transfer.DeliveryTag) : null,
            transfer.Settled,
            transfer.More,
            transfer.Aborted,
            transfer.State,
            reader.Remaining,
            transfer.Resume);
    }
}

internal sealed record WireTransfer(uint Handle, uint? DeliveryId, string? Tag, bool? Settled, bool More, bool Aborted, DeliveryState? State, int PayloadSize, bool Resume);
