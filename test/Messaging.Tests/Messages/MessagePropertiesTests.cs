using Messaging.Amqp;

namespace Messaging.Tests.Messages;

public sealed class MessagePropertiesTests
{
    [Fact]
    public void Defaults_NewMessage_AreThoseOfTheSpecification()
    {
        Message message = new("x");

        Assert.False(message.Durable);
        Assert.Equal(4, message.Priority);
        Assert.Null(message.TimeToLive);
        Assert.False(message.FirstAcquirer);
        Assert.Equal(0u, message.DeliveryCount);
        Assert.Equal(0u, message.MessageFormat);
        Assert.Null(message.MessageId);
        Assert.Null(message.ContentType);
        Assert.Null(message.CreationTime);
        Assert.Null(message.GroupSequence);
        Assert.Empty(message.ApplicationProperties);
        Assert.Empty(message.MessageAnnotations);
        Assert.Empty(message.DeliveryAnnotations);
        Assert.Empty(message.Footer);
        Assert.Equal("005377A10178", Convert.ToHexString(Wire.Encode(message)));
    }

    [Fact]
    public void Encode_PropertySetToNullAgain_WritesNothing()
    {
        Message message = new("x") { Subject = "s", Durable = true, TimeToLive = TimeSpan.Zero };
        message.Subject = null;
        message.Durable = false;
        message.TimeToLive = null;

        Assert.Equal("005377A10178", Convert.ToHexString(Wire.Encode(message)));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(9_999, 1)]
    [InlineData(10_000, 1)]
    [InlineData(10_001, 2)]
    [InlineData(42_949_672_950_000, 4_294_967_295)]
    public void TimeToLive_Ticks_RoundsUpToMilliseconds(long ticks, long milliseconds)
    {
        Message message = new("x") { TimeToLive = TimeSpan.FromTicks(ticks) };

        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), message.TimeToLive);
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Wire.RoundTrip(message).TimeToLive);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(42_949_672_950_001)]
    public void TimeToLive_OutOfRange_Throws(long ticks) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Message("x") { TimeToLive = TimeSpan.FromTicks(ticks) });

    [Fact]
    public void TimeToLive_Zero_IsNotNone() => Assert.Equal(TimeSpan.Zero, Wire.RoundTrip(new Message("x") { TimeToLive = TimeSpan.Zero }).TimeToLive);

    [Theory]
    [InlineData(1)]
    [InlineData(1u)]
    [InlineData('c')]
    public void MessageId_OtherType_Throws(object value)
    {
        Assert.Contains("Guid", Assert.Throws<ArgumentException>(() => new Message("x") { MessageId = value }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Message("x") { CorrelationId = value });
        Assert.Throws<ArgumentException>(() => new Message("x") { CorrelationId = new sbyte[1] });
    }

    [Fact]
    public void ContentType_NotAscii_Throws()
    {
        Assert.Throws<ArgumentException>(() => new Message("x") { ContentType = "é" });
        Assert.Throws<ArgumentException>(() => new Message("x") { ContentEncoding = "é" });
    }

    [Fact]
    public void CreationTime_FinerThanMilliseconds_IsCutAndInUtc()
    {
        DateTimeOffset time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 6, TimeSpan.FromHours(1)).AddTicks(9_999);

        DateTimeOffset? read = Wire.RoundTrip(new Message("x") { CreationTime = time, AbsoluteExpiryTime = time }).CreationTime;

        Assert.Equal(new DateTimeOffset(2026, 1, 2, 2, 4, 5, 6, TimeSpan.Zero), read);
        Assert.Equal(TimeSpan.Zero, read?.Offset);
    }

    [Theory]
    [InlineData("7fffffffffffffff")]
    [InlineData("8000000000000000")]
    public void CreationTime_OutsideDateTime_IsClamped(string hex)
    {
        Message message = Wire.Receive("005373c013" + "0a" + "404040404040404040" + "83" + hex + "00537740");

        Assert.Equal(hex[0] == '7' ? 9999 : 1, message.CreationTime?.Year);
    }

    [Fact]
    public void Change_ReceivedMessage_IsSentChanged()
    {
        Message received = Wire.RoundTrip(new Message("x") { Subject = "old", To = "queue", Durable = true });
        received.Subject = "new";
        received.Priority = 9;

        Message again = Wire.RoundTrip(received);

        Assert.Equal("new", again.Subject);
        Assert.Equal("queue", again.To);
        Assert.Equal(9, again.Priority);
        Assert.True(again.Durable);
        Assert.Equal("x", again.Body);
    }

    [Fact]
    public void ToString_AllParts_IsShortAndHoldsNoSecret()
    {
        Message message = new(new string('b', 100)) { MessageId = "id\r\nforged", Subject = "subject", UserId = "secret"u8.ToArray() };

        string text = message.ToString();

        Assert.Equal($$"""Message { message-id: "id\u000d\u000aforged", subject: "subject", body: "{{new string('b', 64)}}…" }""", text);
    }

    /// <summary>A summary stands in logs: what turns the reading direction forges as well as a line break does.</summary>
    [Fact]
    public void ToString_TextOfAPeer_IsEscapedAndCut()
    {
        string text = new Message("x\r\n\u001b[2J\u2028\u202e") { Subject = new string('y', 1000) }.ToString();

        Assert.Contains("\"x\\u000d\\u000a\\u001b[2J\\u2028\\u202e\"", text, StringComparison.Ordinal);
        Assert.Contains($"subject: \"{new string('y', 64)}…\"", text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Summaries))]
    public void ToString_Body_SaysWhatItIs(string expected, Message message) => Assert.Contains(expected, message.ToString(), StringComparison.Ordinal);

    public static TheoryData<string, Message> Summaries => new()
    {
        { "body: null", new Message() },
        { "body: 42", new Message(42) },
        { "data of 3 bytes", new Message(new byte[3]) },
        { "data of 5 bytes", Message.FromData(new byte[3], new byte[2]) },
        { "binary of 3 bytes", Message.FromValue(new byte[3]) },
        { "list of 2", new Message(new List<object?> { 1, 2 }) },
        { "map of 1", new Message(new Dictionary<string, object?>(StringComparer.Ordinal) { ["a"] = 1 }) },
        { "array of 3", new Message(new int[3]) },
        { "sequence of 2", Message.FromSequence(new int[2]) },
        { "described", new Message(new Described(1ul, 2)) },
        { "body: none", Wire.Receive("") },
        { "malformed", Wire.Receive("45") },
    };

    [Fact]
    public void ToString_Released_DoesNotThrow()
    {
        Message message = Wire.RoundTrip(new Message("x"));
        message.Release(taken: false);

        Assert.Contains("released", message.ToString(), StringComparison.Ordinal);
    }
}
