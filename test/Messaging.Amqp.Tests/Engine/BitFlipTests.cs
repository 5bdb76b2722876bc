using CsCheck;
using Messaging.Amqp.Engine;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Engine;

/// <summary>Whatever a peer sends, the engine answers with a value: no exception leaves it, and what it writes stays well formed.</summary>
public class BitFlipTests
{
    private static readonly byte[] Conversation = Record();

    [Fact]
    public void FlippedBits_NeverThrow() =>
        Gen.Select(Gen.Int[0, Conversation.Length - 1], Gen.Byte).Array[1, 4].Sample(flips =>
        {
            byte[] bytes = [.. Conversation];
            foreach ((int index, byte mask) in flips)
            {
                bytes[index] ^= mask;
            }

            Feed(bytes);
        });

    [Fact]
    public void CutOutPieces_NeverThrow() =>
        Gen.Select(Gen.Int[0, Conversation.Length], Gen.Int[0, 100]).Sample((start, length) =>
            Feed([.. Conversation[..start], .. Conversation[Math.Min(start + length, Conversation.Length)..]]));

    [Fact]
    public void RandomFrames_NeverThrow() =>
        Gen.Select(Gen.Int[0x10, 0x18], Gen.Byte.Array[0, 40]).Array[1, 10].Sample(frames =>
        {
            Script script = Script.WithSender();
            foreach ((int code, byte[] fields) in frames)
            {
                script.RawFrame(0, [0x00, 0x53, (byte)code, 0xc0, (byte)(fields.Length + 1), (byte)(fields.Length % 12), .. fields]);
            }

            script.Pump();
            _ = WireFrame.ReadAll(script.Engine.Output.WrittenSpan);
        });

    private static void Feed(byte[] bytes)
    {
        Script script = Script.Listener();
        script.Raw(bytes).Pump();
        script.Engine.EndOfInput();
        _ = WireFrame.ReadAll(script.Engine.Output.WrittenSpan);
        Assert.True(script.Engine.IsClosed);
    }

    /// <summary>What a client sends that attaches a sender and a receiver, sends and settles.</summary>
    private static byte[] Record()
    {
        AmqpWriter peer = new();
        peer.WriteRaw(FrameWriter.SaslHeader);
        FrameWriter.Write(peer, FrameHeader.SaslType, 0, new SaslInit { Mechanism = "ANONYMOUS" });
        peer.WriteRaw(FrameWriter.AmqpHeader);
        FrameWriter.Write(peer, 0, 0, new Open { ContainerId = "peer", IdleTimeOut = 1_000, DesiredCapabilities = ["a", "b"] });
        FrameWriter.Write(peer, 0, 0, new Begin { IncomingWindow = 10, OutgoingWindow = 10 });
        FrameWriter.Write(peer, 0, 0, new Attach { Name = "out", Source = new Source(), Target = new Target { Address = "q" }, InitialDeliveryCount = 0 });
        FrameWriter.Write(peer, 0, 0, new Attach { Name = "in", Handle = 1, Role = true, Source = new Source { Address = "q" }, Target = new Target() });
        FrameWriter.Write(peer, 0, 0, new Flow { NextIncomingId = 0, IncomingWindow = 10, OutgoingWindow = 10, Handle = 1, LinkCredit = 5, Echo = true });
        FrameWriter.WriteTransfer(peer, 0, new Transfer { DeliveryId = 0, DeliveryTag = [1], HasDeliveryTag = true, More = true }, [1, 2, 3]);
        FrameWriter.Write(peer, 0, 0, new Disposition { Role = true, First = 0, Last = 3, Settled = true, State = new Rejected(new AmqpError(ErrorCondition.NotFound, "x")) });
        FrameWriter.Write(peer, 0, 0, new Detach { Handle = 0, Closed = true });
        FrameWriter.Write(peer, 0, 0, default(End));
        FrameWriter.Write(peer, 0, 0, default(Close));
        return peer.WrittenSpan.ToArray();
    }
}
