using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>The frames of every message are written and read without allocation.</summary>
public sealed class AllocationTests
{
    [Fact]
    public void Transfer_WriteAndRead_AllocatesNothing() => AssertNoAllocation(static output =>
    {
        Transfer transfer = new() { Handle = 1, DeliveryId = 70000, DeliveryTag = "tag"u8, HasDeliveryTag = true, MessageFormat = 0, Settled = false, More = true };
        FrameWriter.WriteTransfer(output, 1, transfer, "payload"u8);
        AmqpReader reader = new(output.WrittenSpan[FrameHeader.Length..]);
        _ = TransferReader.Read(ref reader);
        reader = new(output.WrittenSpan[FrameHeader.Length..]);
        _ = Composite.Read<Transfer>(ref reader);
    });

    [Fact]
    public void Flow_WriteAndRead_AllocatesNothing() => AssertNoAllocation(static output =>
    {
        Flow flow = new() { NextIncomingId = 1, IncomingWindow = 2048, NextOutgoingId = 5, OutgoingWindow = 100, Handle = 0, DeliveryCount = 7, LinkCredit = 100 };
        FrameWriter.Write(output, FrameHeader.AmqpType, 1, flow);
        AmqpReader reader = new(output.WrittenSpan[FrameHeader.Length..]);
        _ = Composite.Read<Flow>(ref reader);
    });

    [Fact]
    public void Disposition_AcceptedAndReleased_AllocatesNothing() => AssertNoAllocation(static output =>
    {
        Disposition accepted = new() { Role = true, First = 1, Last = 500, Settled = true, State = Accepted.Instance };
        FrameWriter.Write(output, FrameHeader.AmqpType, 1, accepted);
        AmqpReader reader = new(output.WrittenSpan[FrameHeader.Length..]);
        Assert.Same(Accepted.Instance, Composite.Read<Disposition>(ref reader).State);

        Disposition released = new() { Role = true, First = 1, Settled = true, State = Released.Instance };
        output.Clear();
        FrameWriter.Write(output, FrameHeader.AmqpType, 1, released);
        reader = new(output.WrittenSpan[FrameHeader.Length..]);
        Assert.Same(Released.Instance, Composite.Read<Disposition>(ref reader).State);
    });

    private static void AssertNoAllocation(Action<AmqpWriter> action)
    {
        using AmqpWriter output = new(1024);
        for (int i = 0; i < 100; i++)
        {
            output.Clear();
            action(output);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            output.Clear();
            action(output);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
