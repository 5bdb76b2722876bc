using Messaging.Amqp;

namespace Messaging.Tests.Messages;

/// <summary>What peers may not send, and what applications may not.</summary>
public sealed class MessageErrorTests
{
    private const string Value = "00537740";

    [Theory]
    [InlineData("plain value", "a10178")]
    [InlineData("no message section", "005324" + "45")]
    [InlineData("no message section", "00a301" + "78" + "40")]
    [InlineData("second header", "00537045" + "00537045")]
    [InlineData("second amqp-value", Value + Value)]
    [InlineData("properties section at byte 4 may not follow amqp-value", Value + "00537345")]
    [InlineData("may not follow data", "005375a000" + "00537645")]
    [InlineData("may not follow data", "005375a000" + Value)]
    [InlineData("may not follow footer", "005378c10100" + Value)]
    [InlineData("data section is malformed", "005375a005")]
    [InlineData("amqp-value section is malformed", "005377")]
    public void BodyKind_BadSections_IsADecodeError(string expected, string hex)
    {
        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => Wire.Receive(hex).BodyKind);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCondition.DecodeError, error.Error?.Condition);
    }

    [Theory]
    [InlineData("data section is malformed", "00537540")]
    [InlineData("data section is malformed", "005375a10178")]
    [InlineData("amqp-sequence section is malformed", "005376c10100")]
    public void Body_WrongType_IsADecodeError(string expected, string hex) =>
        Assert.Contains(expected, Assert.Throws<AmqpCodecException>(() => Wire.Receive(hex).Body).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("00537540")]
    [InlineData("005375a10178")]
    public void Data_WrongType_IsADecodeError(string hex)
    {
        Assert.Throws<AmqpCodecException>(() => Wire.Receive(hex).Data.Length);
        Assert.Contains("malformed", Wire.Receive(hex).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("header section is malformed", "005370c0030142" + "50" + Value)]
    [InlineData("header section is malformed", "005370a10178" + Value)]
    [InlineData("message-annotations section is malformed", "005372c10402540140" + Value)]
    [InlineData("message-annotations section is malformed", "005372c10502a1016b40" + Value)]
    public void Priority_BadHead_IsADecodeError(string expected, string hex)
    {
        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => Wire.Receive(hex).Priority);

        Assert.NotNull(error.Error);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("005374c10502a3016b40" + Value)]
    [InlineData("005374c10902a1016b40a1016b40" + Value)]
    [InlineData("005374c10904a1016b40a1016b40" + Value)]
    [InlineData("005374c1050140a1016b" + Value)]
    [InlineData("005374" + "45" + Value)]
    public void ApplicationProperties_BadMap_IsADecodeError(string hex)
    {
        Message message = Wire.Receive(hex);

        Assert.Throws<AmqpCodecException>(() => message.ApplicationProperties);
        Assert.Throws<AmqpCodecException>(() => message.ApplicationProperties);
    }

    [Theory]
    [InlineData("00a310616d71703a6865616465723a6c697374" + "c0020141" + "00a311616d71703a616d71702d76616c75653a2a" + "a10178")]
    [InlineData("00800000000000000070" + "c0020141" + "00800000000000000077" + "a10178")]
    public void Receive_SymbolicOrLongDescriptors_AreTaken(string hex)
    {
        Message message = Wire.Receive(hex);

        Assert.True(message.Durable);
        Assert.Equal("x", message.Body);
    }

    [Theory]
    [InlineData("00537140")]
    [InlineData("00537240")]
    [InlineData("00537440")]
    [InlineData("00537840")]
    public void Receive_NullMapSection_IsEmpty(string hex)
    {
        Message message = Wire.Receive(hex);

        Assert.Empty(message.DeliveryAnnotations);
        Assert.Empty(message.MessageAnnotations);
        Assert.Empty(message.ApplicationProperties);
        Assert.Empty(message.Footer);
    }

    [Fact]
    public void Receive_Empty_HasNoBody()
    {
        Message message = Wire.Receive("");

        Assert.Equal(MessageBodyKind.None, message.BodyKind);
        Assert.Null(message.Body);
        Assert.Empty(message.DataSections);
        Assert.Empty(message.SequenceSections);
        Assert.Empty(Wire.Encode(message));
    }

    [Theory]
    [InlineData("005375a000")]
    [InlineData("00537645")]
    public void Receive_TooManyBodySections_IsADecodeError(string section)
    {
        string most = string.Concat(Enumerable.Repeat(section, 10_000));

        Assert.NotNull(Wire.Receive(most).Body);
        AmqpCodecException error = Assert.Throws<AmqpCodecException>(() => Wire.Receive(most + section).Body);
        Assert.Contains("10000", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(5_000, false)]
    public void Receive_NestedLists_AreBounded(int depth, bool taken)
    {
        byte[] nested = [0x45];
        for (int i = 1; i < depth; i++)
            nested = [0xd0, .. Size(nested.Length + 4), 0, 0, 0, 1, .. nested];

        Exception? error = Record.Exception(() => Wire.Receive([0, 0x53, 0x77, .. nested]).Body);

        Assert.Equal(taken, error is null);
        Assert.True(taken || error is AmqpCodecException, $"{error}");
    }

    [Fact]
    public void Constructor_UnsupportedType_NamesItAndWhatIsSupported()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new Message(new Version(1, 2)));

        Assert.Contains("System.Version", error.Message, StringComparison.Ordinal);
        Assert.Contains("byte[]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new Message(DayOfWeek.Friday));
        Assert.Throws<ArgumentException>(() => Message.FromValue(TimeSpan.Zero));
    }

    [Fact]
    public void Encode_UnsupportedTypeInside_NamesItAndWritesNothing()
    {
        Message message = new(new List<object?> { 1, new Version(1, 2) }) { Durable = true };
        using AmqpWriter writer = new();
        writer.WriteNull();

        ArgumentException error = Assert.Throws<ArgumentException>(() => MessageEncoder.Encode(message, writer));

        Assert.Contains("System.Version", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, writer.Length);
    }

    public static TheoryData<object> NotSimple => [new List<object?>(), new Dictionary<string, object?>(StringComparer.Ordinal), new[] { 1 }, new Described(1ul, 2), new sbyte[1], new Version(1, 2)];

    [Theory]
    [MemberData(nameof(NotSimple))]
    public void Encode_ApplicationPropertyNotSimple_NamesTheKey(object value)
    {
        Message message = new("x") { ApplicationProperties = { ["the-key"] = value } };

        ArgumentException error = Assert.Throws<ArgumentException>(() => Wire.Encode(message));

        Assert.Contains("the-key", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromData_NoneOrTooMany_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => Message.FromData());
        Assert.Throws<ArgumentException>(() => Message.FromData(Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, 10_001)));
        Assert.Throws<ArgumentException>(() => Message.FromSequences([]));
        Assert.Throws<ArgumentNullException>(() => Message.FromSequences([null!]));
        Assert.Throws<ArgumentNullException>(() => Message.FromSequence(null!));
    }

    private static byte[] Size(int size) => [(byte)(size >> 24), (byte)(size >> 16), (byte)(size >> 8), (byte)size];
}
