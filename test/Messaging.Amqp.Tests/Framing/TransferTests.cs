using CsCheck;
using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

/// <summary>The hand-written forms of transfer are those of its description.</summary>
public sealed class TransferTests
{
    [Fact]
    public void WriteTransfer_AnyFields_WritesWhatTheDescriptionWrites() =>
        Gen.Select(Gen.Int, Gen.Byte.Array[0, 400], Gen.UShort).Sample((seed, payload, channel) =>
        {
            Transfer transfer = RandomFields.Create<Transfer>(new Random(seed));
            using AmqpWriter expected = new();
            using AmqpWriter actual = new(initialCapacity: 0);
            expected.WriteRaw([1, 2, 3]);
            actual.WriteRaw([1, 2, 3]);

            FrameWriter.Write(expected, FrameHeader.AmqpType, channel, transfer);
            expected.WriteRaw(payload);
            expected.PatchUInt32(3, (uint)expected.Length - 3);
            FrameWriter.WriteTransfer(actual, channel, transfer, payload);

            Assert.Equal(expected.WrittenSpan, actual.WrittenSpan);
        });

    [Fact]
    public void Read_AnyTransfer_ReadsWhatTheDescriptionReads() =>
        Gen.Int.Sample(seed =>
        {
            byte[] written = CompositeCase.Of("transfer").Random(new Random(seed), out _);

            AssertSame(written);
        });

    [Fact]
    public void Read_AnyEncodingOfATransfer_ReadsWhatTheDescriptionReads() =>
        Gen.Int.Sample(seed =>
        {
            Random random = new(seed);
            EncodedList list = EncodedList.Parse(CompositeCase.Of("transfer").Random(random, out _));
            if (random.Next(3) == 0)
                list.Descriptor = new Descriptor("amqp:transfer:list");
            if (random.Next(3) == 0)
                list.Set(random.Next(14), [FormatCode.Boolean, (byte)random.Next(2)]);
            if (random.Next(3) == 0)
                list.Set(random.Next(4), [FormatCode.UInt, 0, 0, 0, 9]);
            if (random.Next(3) == 0)
                list.Set(random.Next(14), EncodedList.Null);

            AssertSame(list.ToBytes());
        });

    [Fact]
    public void Read_AnyChangedByte_FailsWhenTheDescriptionFails() =>
        Gen.Int.Sample(seed =>
        {
            Random random = new(seed);
            byte[] written = CompositeCase.Of("transfer").Random(random, out _);
            written[random.Next(written.Length)] = (byte)random.Next(256);

            AssertSame(written.AsSpan(0, random.Next(2) == 0 ? written.Length : random.Next(written.Length)));
        });

    [Fact]
    public void Read_Transfer_LeavesThePayload()
    {
        using AmqpWriter writer = new();
        FrameWriter.WriteTransfer(writer, 3, new Transfer { Handle = 1, DeliveryId = 2 }, "payload"u8);

        AmqpReader reader = new(writer.WrittenSpan[FrameHeader.Length..]);
        Transfer transfer = TransferReader.Read(ref reader);

        Assert.Equal(1u, transfer.Handle);
        Assert.Equal(2u, transfer.DeliveryId);
        Assert.Equal("payload"u8, writer.WrittenSpan[^reader.Remaining..]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(33)]
    public void WriteTransfer_TagOf33Bytes_ThrowsAndLeavesTheBufferAsItWas(int stateLength)
    {
        using AmqpWriter writer = new();
        writer.WriteRaw([7]);

        Assert.Throws<ArgumentException>(() => FrameWriter.WriteTransfer(
            writer,
            0,
            new Transfer { DeliveryTag = new byte[33], HasDeliveryTag = true, State = stateLength == 0 ? null : Accepted.Instance },
            payload: default));

        Assert.Equal<byte>([7], writer.WrittenSpan);
    }

    private static void AssertSame(ReadOnlySpan<byte> encoded)
    {
        string expected;
        string actual;
        AmqpReader reader = new(encoded);
        try
        {
            Transfer transfer = Composite.Read<Transfer>(ref reader);
            expected = $"{Composite.Print(transfer)} {transfer.HasDeliveryTag} at {reader.Position}";
        }
        catch (AmqpCodecException error)
        {
            expected = error.Error!.ToString();
        }

        reader = new(encoded);
        try
        {
            Transfer transfer = TransferReader.Read(ref reader);
            actual = $"{Composite.Print(transfer)} {transfer.HasDeliveryTag} at {reader.Position}";
        }
        catch (AmqpCodecException error)
        {
            actual = error.Error!.ToString();
        }

        Assert.Equal(expected, actual);
    }
}
