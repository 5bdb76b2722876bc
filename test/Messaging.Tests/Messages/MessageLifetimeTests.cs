using System.Buffers;

namespace Messaging.Tests.Messages;

/// <summary>What stays readable of a received message after its delivery has ended, and where its memory goes.</summary>
public sealed class MessageLifetimeTests
{
    private static readonly byte[] Body = [.. Enumerable.Range(1, 100).Select(i => (byte)i)];

    private static Message Full() => new(Body)
    {
        Durable = true,
        Subject = "subject",
        ApplicationProperties = { ["key"] = "value" },
        MessageAnnotations = { ["x-opt-a"] = 1 },
        Footer = { ["x-opt-f"] = 2 },
    };

    private static (Message Message, byte[] Array) Receive(Message message)
    {
        PayloadBlock block = Wire.Block(Wire.Encode(message));
        return (Message.FromPayload(block), block.Array);
    }

    private static void AssertOtherSections(Message message)
    {
        Assert.True(message.Durable);
        Assert.Equal("subject", message.Subject);
        Assert.Equal("value", message.ApplicationProperties["key"]);
        Assert.Equal(1, message.MessageAnnotations["x-opt-a"]);
        Assert.Equal(2, message.Footer["x-opt-f"]);
    }

    [Fact]
    public void Release_NeverTaken_ReturnsTheBlock()
    {
        (Message message, byte[] array) = Receive(Full());

        message.Release(taken: false);

        Wire.Reuse(array);
        Assert.Throws<ObjectDisposedException>(() => message.Body);
        Assert.Throws<ObjectDisposedException>(() => message.Data.Length);
        Assert.Throws<ObjectDisposedException>(() => message.Subject);
        Assert.Throws<ObjectDisposedException>(() => message.Encoded.Length);
        Assert.Throws<ObjectDisposedException>(message.ToOwned);
    }

    [Fact]
    public void Release_NeverTakenButScanned_ReturnsTheBlock()
    {
        (Message message, byte[] array) = Receive(Full());
        Assert.Equal(MessageBodyKind.Data, message.BodyKind);

        message.Release(taken: false);

        Wire.Reuse(array);
        Assert.Throws<ObjectDisposedException>(() => message.Body);
        Assert.Throws<ObjectDisposedException>(() => message.Data.Length);
    }

    [Fact]
    public void Release_BodyRead_ReturnsTheBlockAndKeepsEverything()
    {
        (Message message, byte[] array) = Receive(Full());
        object? body = message.Body;

        message.Release(taken: true);

        Wire.Reuse(array);
        Assert.Same(body, message.Body);
        Assert.Equal(Body, body);
        Assert.Equal(Body, message.Data.ToArray());
        AssertOtherSections(message);
        MessageAssert.Same(Full(), message.ToOwned());
    }

    [Fact]
    public void Release_EverythingRead_ReturnsTheBlockAndKeepsEverything()
    {
        (Message message, byte[] array) = Receive(Full());
        _ = message.Body;
        AssertOtherSections(message);

        message.Release(taken: true);

        Wire.Reuse(array);
        Assert.Equal(Body, message.Body);
        AssertOtherSections(message);
        MessageAssert.Same(Full(), Wire.RoundTrip(message));
    }

    [Fact]
    public void Release_OnlyViewed_ReturnsTheBlockAndEndsTheView()
    {
        (Message message, byte[] array) = Receive(Full());
        ReadOnlySequence<byte> view = message.Data;
        Assert.Equal(Body, view.ToArray());

        message.Release(taken: true);

        Wire.Reuse(array);
        Assert.Throws<ObjectDisposedException>(() => view.ToArray());
        Assert.Throws<ObjectDisposedException>(() => view.First.Pin().Dispose());
        Assert.Throws<ObjectDisposedException>(() => message.Data.Length);
        ObjectDisposedException error = Assert.Throws<ObjectDisposedException>(() => message.Body);
        Assert.Contains(nameof(Message.ToOwned), error.Message, StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(message.ToOwned);
        Assert.Throws<ObjectDisposedException>(() => Wire.Encode(message));
        Assert.Equal(MessageBodyKind.Data, message.BodyKind);
        AssertOtherSections(message);
    }

    [Fact]
    public void Release_ViewedAndRead_KeepsTheBodyAndEndsTheView()
    {
        (Message message, byte[] array) = Receive(Full());
        ReadOnlySequence<byte> view = message.Data;
        _ = message.Body;

        message.Release(taken: true);

        Wire.Reuse(array);
        Assert.Equal(Body, message.Body);
        Assert.Throws<ObjectDisposedException>(() => message.Data.Length);
        Assert.Throws<ObjectDisposedException>(() => view.FirstSpan.Length);
        AssertOtherSections(message);
    }

    [Fact]
    public void Release_TakenAndNeverRead_LeavesTheBlockToTheCollector()
    {
        (Message message, byte[] array) = Receive(Full());

        message.Release(taken: true);

        Assert.False(Wire.IsPooled(array));
        MessageAssert.Same(Full(), message);
        Assert.Equal(Body, message.Data.ToArray());
        MessageAssert.Same(Full(), Wire.RoundTrip(message));
    }

    [Fact]
    public void Release_OtherSectionsReadOnly_LeavesTheBlockToTheCollector()
    {
        (Message message, byte[] array) = Receive(Full());
        AssertOtherSections(message);

        message.Release(taken: true);

        Assert.False(Wire.IsPooled(array));
        Assert.Equal(Body, message.Body);
    }

    [Fact]
    public void Release_Twice_DoesNothingMore()
    {
        (Message message, byte[] array) = Receive(Full());
        _ = message.Body;

        message.Release(taken: true);
        message.Release(taken: false);

        Assert.Equal(Body, message.Body);
        Assert.True(Wire.IsPooled(array));
    }

    [Fact]
    public void Release_Malformed_DoesNotThrowAndKeepsTheError()
    {
        Message message = Wire.Receive("005375a00501");
        Assert.Throws<Amqp.AmqpCodecException>(() => message.Body);

        message.Release(taken: true);

        Assert.Throws<Amqp.AmqpCodecException>(() => message.Body);
    }

    [Fact]
    public void Release_MalformedPropertiesBehindAReadBody_KeepsTheError()
    {
        Message message = Wire.Receive("005373c00201a1" + "00" + "005375a00101");
        Exception? before = Record.Exception(() => message.Subject);
        _ = Record.Exception(() => message.Body);

        message.Release(taken: true);

        Assert.IsType<Amqp.AmqpCodecException>(before);
        Assert.Throws<Amqp.AmqpCodecException>(() => message.Subject);
    }

    [Fact]
    public void ToOwned_BeforeRelease_OutlivesTheBlock()
    {
        (Message message, byte[] array) = Receive(Full());
        _ = message.Data;
        Message owned = message.ToOwned();

        message.Release(taken: true);

        Wire.Reuse(array);
        Assert.Equal(Body, owned.Data.ToArray());
        MessageAssert.Same(Full(), owned);
    }

    [Fact]
    public void ToOwned_Changed_CarriesTheChangesAndIsIndependent()
    {
        Message message = Wire.RoundTrip(Full());
        message.Subject = "changed";
        message.ApplicationProperties["more"] = 1;

        Message owned = message.ToOwned();
        message.Subject = "changed again";
        message.ApplicationProperties.Clear();

        Assert.Equal("changed", owned.Subject);
        Assert.Equal(["key", "more"], owned.ApplicationProperties.Keys);
        Assert.Equal("changed", Wire.RoundTrip(owned).Subject);
    }

    [Fact]
    public void ToOwned_OwnMessage_CopiesTheBytes()
    {
        byte[] bytes = [1, 2, 3];
        Message owned = new Message(bytes).ToOwned();

        bytes[0] = 9;

        Assert.Equal([1, 2, 3], owned.Data.ToArray());
    }

    [Fact]
    public void Data_OwnMessage_StaysForEver()
    {
        Message message = new(Body);
        ReadOnlySequence<byte> view = message.Data;

        message.Release(taken: true);

        Assert.Equal(Body, view.ToArray());
        Assert.Equal(Body, message.Data.ToArray());
    }

    [Fact]
    public void Data_SeveralSections_ViewsThemInARow()
    {
        Message message = Wire.RoundTrip(Message.FromData(new byte[] { 1, 2 }, Array.Empty<byte>(), new byte[] { 3 }));

        Assert.Equal([1, 2, 3], message.Data.ToArray());
        Assert.False(message.Data.IsSingleSegment);
    }

    [Fact]
    public void Data_ValueBody_SaysToUseBody()
    {
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => Wire.RoundTrip(new Message("text")).Data);

        Assert.Contains("Message.Body", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Body_ReadTwice_IsTheSameObject()
    {
        Message message = Wire.RoundTrip(new Message(Body));

        Assert.Same(message.Body, message.Body);
    }

    [Fact]
    public void ToString_Pooled_DoesNotKeepTheBlockNorEndIt()
    {
        (Message message, byte[] array) = Receive(Full());

        Assert.Contains("100 bytes", message.ToString(), StringComparison.Ordinal);
        message.Release(taken: true);

        Assert.False(Wire.IsPooled(array));
        Assert.Equal(Body, message.Body);
    }
}
