using Messaging.Amqp;

namespace Messaging.Tests.Messages;

public sealed class MessageEncodedTests
{
    private static Message Full(int size = 10) => new(new byte[size])
    {
        Priority = 7,
        Subject = "subject",
        ApplicationProperties = { ["key"] = "value" },
        MessageAnnotations = { ["x-opt-a"] = 1 },
        Footer = { ["x-opt-f"] = 2 },
    };

    [Theory]
    [InlineData(10)]
    [InlineData(3_900)]
    [InlineData(5_000)]
    [InlineData(70_000)]
    [InlineData(130_000)]
    public void Encoded_Received_IsSafeToKeepAfterRelease(int size)
    {
        Message message = Full(size);
        PayloadBlock block = Wire.Block(Wire.Encode(message));
        byte[] array = block.Array;
        Message received = Message.FromPayload(block);

        ReadOnlyMemory<byte> encoded = received.Encoded;
        byte[] before = encoded.ToArray();
        received.Release(taken: true);
        if (Wire.IsPooled(array))
            Wire.Reuse(array);

        Assert.Equal(before, encoded.ToArray());
        Assert.Equal(before, received.Encoded.ToArray());
        MessageAssert.Same(message, received);
        MessageAssert.SameBare(message, Message.FromEncoded(encoded));
    }

    [Fact]
    public void Encoded_Small_ReturnsTheBlock()
    {
        PayloadBlock block = Wire.Block(Wire.Encode(Full()));
        byte[] array = block.Array;

        _ = Message.FromPayload(block).Encoded;

        Assert.True(Wire.IsPooled(array));
    }

    [Fact]
    public void Encoded_Viewed_KeepsTheViewUntilRelease()
    {
        Message message = Wire.RoundTrip(Full());
        System.Buffers.ReadOnlySequence<byte> view = message.Data;
        ReadOnlyMemory<byte> encoded = message.Encoded;
        Assert.Equal(10, view.FirstSpan.Length);

        message.Release(taken: true);

        Assert.Throws<ObjectDisposedException>(() => view.FirstSpan.Length);
        MessageAssert.SameBare(Full(), Message.FromEncoded(encoded));
    }

    [Fact]
    public void Encoded_FirstReadAfterTheBlockWentBack_Throws()
    {
        Message message = Wire.RoundTrip(Full());
        _ = message.Body;
        message.Release(taken: true);

        Assert.Throws<ObjectDisposedException>(() => message.Encoded.Length);
    }

    [Fact]
    public void Encoded_OwnMessage_IsTheBareMessage()
    {
        Message message = Full();
        Message bare = Full();
        bare.Priority = 4;
        bare.MessageAnnotations.Clear();

        Assert.Equal(Wire.Encode(bare), message.Encoded.ToArray());
    }

    [Fact]
    public void FromEncoded_Slice_IsSentUnchanged()
    {
        byte[] bare = Full().Encoded.ToArray();
        byte[] padded = [1, 2, 3, .. bare, 4, 5];

        Message message = Message.FromEncoded(padded.AsMemory(3, bare.Length));

        Assert.Equal(bare, Wire.Encode(message));
        Assert.Equal(bare, message.Encoded.ToArray());
        Assert.Equal("subject", message.Subject);
        Assert.Equal(bare, Wire.Encode(message));
        Assert.Equal(bare, Wire.Encode(message.ToOwned()));
    }

    [Fact]
    public void FromEncoded_HeaderAndAnnotations_StandBeforeTheBytes()
    {
        ReadOnlyMemory<byte> bare = Full().Encoded;
        Message message = Message.FromEncoded(bare);
        message.Durable = true;
        message.DeliveryAnnotations["x-opt-d"] = 1;

        Message received = Wire.RoundTrip(message);

        Assert.True(received.Durable);
        Assert.Equal(4, received.Priority);
        Assert.Equal(1, received.DeliveryAnnotations["x-opt-d"]);
        Assert.Equal(bare, received.Encoded);
    }

    [Fact]
    public void FromEncoded_ChangeOfTheBareMessage_IsRefused()
    {
        Message message = Message.FromEncoded(Full().Encoded);

        Assert.Throws<InvalidOperationException>(() => message.Subject = "other");
        Assert.Throws<NotSupportedException>(() => message.ApplicationProperties["key"] = "other");
        Assert.Throws<NotSupportedException>(() => message.ApplicationProperties.Add("new", 1));
        Assert.Throws<NotSupportedException>(() => message.Footer.Clear());
        Assert.Throws<NotSupportedException>(() => Message.FromEncoded(new Message("x").Encoded).ApplicationProperties["new"] = 1);
    }

    [Fact]
    public void FromEncoded_Empty_HasNoBody()
    {
        Message message = Message.FromEncoded(default);

        Assert.Equal(MessageBodyKind.None, message.BodyKind);
        Assert.Empty(Wire.Encode(message));
    }

    [Theory]
    [InlineData("00537045")]
    [InlineData("005372c10100")]
    [InlineData("00a310616d71703a6865616465723a6c69737445")]
    public void FromEncoded_WithHead_IsRefused(string hex) =>
        Assert.Contains("bare message", Assert.Throws<ArgumentException>(() => Message.FromEncoded(Convert.FromHexString(hex))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("45")]
    [InlineData("005324")]
    public void FromEncoded_NoSection_IsRefused(string hex) =>
        Assert.Throws<AmqpCodecException>(() => Message.FromEncoded(Convert.FromHexString(hex)));
}
