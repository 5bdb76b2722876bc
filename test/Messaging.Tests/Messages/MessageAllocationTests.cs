using Messaging.Amqp;

namespace Messaging.Tests.Messages;

/// <summary>The budgets of the hot path, in bytes on the heap of this thread.</summary>
public sealed class MessageAllocationTests
{
    private const int MessageSize = 104;
    private const int ArrayOf100 = 128;

    private static long Measure(Action action)
    {
        for (int i = 0; i < 200; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            action();
        return (GC.GetAllocatedBytesForCurrentThread() - before) / 100;
    }

    private static PayloadBlock Fill(System.Buffers.ReadOnlySequence<byte> payload)
    {
        PayloadBlock block = PayloadBlock.Rent((int)payload.Length);
        block.TryAppend(payload, ulong.MaxValue);
        return block;
    }

    [Fact]
    public void Receive_SmallDataBodyRead_AllocatesMessageAndBody()
    {
        System.Buffers.ReadOnlySequence<byte> payload = new(Wire.Encode(new Message(new byte[100])));

        long bytes = Measure(() =>
        {
            Message message = Message.FromPayload(Fill(payload));
            _ = message.Body;
            message.Release(taken: true);
        });

        Assert.InRange(bytes, 1, MessageSize + ArrayOf100);
    }

    [Fact]
    public void Receive_NeverTaken_AllocatesTheMessage()
    {
        System.Buffers.ReadOnlySequence<byte> payload = new(Wire.Encode(new Message(new byte[100])));

        long bytes = Measure(() => Message.FromPayload(Fill(payload)).Release(taken: false));

        Assert.InRange(bytes, 1, MessageSize);
    }

    [Fact]
    public void Receive_LargeDataViewed_DoesNotAllocateThePayload()
    {
        System.Buffers.ReadOnlySequence<byte> payload = new(Wire.Encode(new Message(new byte[65_536]) { Durable = true }));

        long bytes = Measure(() =>
        {
            Message message = Message.FromPayload(Fill(payload));
            _ = message.Data.Length;
            message.Release(taken: true);
        });

        Assert.InRange(bytes, 1, 400);
    }

    [Fact]
    public void Encode_DataBody_AllocatesTheMessage()
    {
        byte[] body = new byte[100];
        using AmqpWriter writer = new();

        long bytes = Measure(() =>
        {
            writer.Clear();
            MessageEncoder.Encode(new Message(body), writer);
        });

        Assert.InRange(bytes, 1, MessageSize);
    }

    [Fact]
    public void Encode_HeaderAndProperties_AllocatesNothing()
    {
        Message message = new("text") { Durable = true, MessageId = "id", To = "queue", CreationTime = DateTimeOffset.UnixEpoch };
        using AmqpWriter writer = new();

        long bytes = Measure(() =>
        {
            writer.Clear();
            MessageEncoder.Encode(message, writer);
        });

        Assert.Equal(0, bytes);
    }
}
