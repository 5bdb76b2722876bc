using Messaging.Amqp.Framing;

namespace Messaging.Amqp.Tests.Framing;

public sealed class FrameTests
{
    [Fact]
    public void Write_Performative_PutsHeaderAndSizeBeforeIt()
    {
        using AmqpWriter writer = new();
        writer.WriteRaw([9]);

        FrameWriter.Write(writer, FrameHeader.SaslType, 0x102, default(End));

        Assert.Equal<byte>([9, 0, 0, 0, 12, 2, 1, 1, 2, 0, 0x53, 0x17, 0x45], writer.WrittenSpan);
    }

    [Fact]
    public void WriteEmpty_IsAHeaderOnly()
    {
        using AmqpWriter writer = new();

        FrameWriter.WriteEmpty(writer);

        Assert.Equal<byte>([0, 0, 0, 8, 2, 0, 0, 0], writer.WrittenSpan);
    }

    [Fact]
    public void ProtocolHeaders_AreEightBytes()
    {
        Assert.Equal("AMQP\x00\x01\x00\x00"u8, FrameWriter.AmqpHeader);
        Assert.Equal(8, FrameWriter.AmqpHeader.Length);
        Assert.Equal(3, FrameWriter.SaslHeader[4]);
        Assert.Equal(8, FrameWriter.SaslHeader.Length);
        Assert.Equal(2, FrameWriter.TlsHeader[4]);
        Assert.Equal(8, FrameWriter.TlsHeader.Length);
    }

    [Fact]
    public void TryRead_WholeHeader_GivesItsParts()
    {
        Assert.True(FrameHeader.TryRead([0, 1, 0, 2, 3, 1, 0x10, 0x20, 0xff], out FrameHeader header));

        Assert.Equal(new FrameHeader(0x10002, 3, 1, 0x1020), header);
        Assert.Equal(12, header.BodyOffset);
        Assert.True(header.IsValid);
    }

    [Fact]
    public void TryRead_SevenBytes_IsFalse() => Assert.False(FrameHeader.TryRead(new byte[7], out _));

    [Theory]
    [InlineData(8, 2, true)]
    [InlineData(7, 2, false)]
    [InlineData(0, 2, false)]
    [InlineData(8, 1, false)]
    [InlineData(8, 0, false)]
    [InlineData(11, 3, false)]
    [InlineData(12, 3, true)]
    [InlineData(1020, 255, true)]
    [InlineData(uint.MaxValue, 2, true)]
    public void IsValid_SizeAndOffset_MustAgree(uint size, byte offset, bool valid) =>
        Assert.Equal(valid, new FrameHeader(size, offset, 0, 0).IsValid);
}
