using CsCheck;

namespace Messaging.Tests.Messages;

public sealed class MessageRoundTripTests
{
    [Fact]
    public void Encode_AnyMessage_DecodesToTheSame() => MessageGen.Any.Sample(message =>
    {
        Message received = Wire.RoundTrip(message);

        MessageAssert.Same(message, received);
    });

    [Fact]
    public void Encode_ReceivedUntouched_GivesTheSameBytes() => MessageGen.Any.Sample(message =>
    {
        byte[] bytes = Wire.Encode(message);

        Assert.Equal(bytes, Wire.Encode(Wire.Receive(bytes)));
    });

    [Fact]
    public void Encode_ReceivedAndDecoded_GivesTheSameBytes() => MessageGen.Any.Sample(message =>
    {
        byte[] bytes = Wire.Encode(message);
        Message received = Wire.Receive(bytes);
        MessageAssert.Same(message, received);

        Assert.Equal(bytes, Wire.Encode(received));
    });

    [Fact]
    public void Encode_AfterReleaseOfAReadBody_GivesTheSameBytes() => MessageGen.Any.Sample(message =>
    {
        byte[] bytes = Wire.Encode(message);
        Message received = Wire.Receive(bytes);
        _ = received.Body;
        received.Release(taken: true);

        Assert.Equal(bytes, Wire.Encode(received));
        MessageAssert.Same(message, received);
    });

    [Fact]
    public void FromEncoded_OfAnyMessage_KeepsTheBareMessageAndReplacesTheHead() => MessageGen.Any.Sample(message =>
    {
        Message received = Wire.RoundTrip(message);
        Message passedOn = Message.FromEncoded(received.Encoded);
        passedOn.DeliveryCount = 7;
        passedOn.MessageAnnotations["x-opt-seen"] = true;

        Message last = Wire.RoundTrip(passedOn);

        MessageAssert.SameBare(message, last);
        MessageAssert.SameBare(message, passedOn);
        Assert.Equal(7u, last.DeliveryCount);
        Assert.Equal(true, Assert.Single(last.MessageAnnotations).Value);
        Assert.Equal(received.Encoded, last.Encoded);
    });

    [Fact]
    public void ToOwned_OfAnyMessage_IsTheSameAfterRelease() => MessageGen.Any.Sample(message =>
    {
        Message received = Wire.RoundTrip(message);
        Message owned = received.ToOwned();
        received.Release(taken: false);

        MessageAssert.Same(message, owned);
        MessageAssert.Same(message, message.ToOwned());
    });

    [Fact]
    public void Truncated_AnyMessage_IsRefusedOrShorter() => MessageGen.Any.Sample(message =>
    {
        byte[] bytes = Wire.Encode(message);
        for (int length = 0; length < bytes.Length; length += Math.Max(1, bytes.Length / 64))
        {
            Message received = Wire.Receive(bytes.AsSpan(0, length));
            Exception? error = Record.Exception(() => ReadAll(received));

            Assert.True(error is null or Amqp.AmqpCodecException, $"{length} of {bytes.Length}: {error}");
        }
    });

    [Fact]
    public void Garbage_AnyBytes_GivesCodecExceptionsOnly() => Gen.Byte.Array[0, 60].Sample(garbage =>
    {
        byte[] bytes = [0, 0x53, (byte)(0x70 + (garbage.Length % 9)), .. garbage];
        Message received = Wire.Receive(bytes);

        Exception? error = Record.Exception(() => ReadAll(received));
        received.Release(taken: true);

        Assert.True(error is null or Amqp.AmqpCodecException, $"{error}");
    });

    private static void ReadAll(Message message)
    {
        _ = message.ToString();
        _ = message.Body;
        _ = message.Priority;
        _ = message.Subject;
        _ = message.ApplicationProperties;
        _ = message.Encoded;
    }
}
