using System.Collections;
using System.Globalization;
using Messaging.Amqp;

namespace Messaging.Tests.Messages;

/// <summary>Messages as Qpid Proton encodes them, see test/vectors/generate-messages.py.</summary>
public sealed class MessageProtonTests
{
    private static readonly Guid Id = new("01020304-0506-0708-090a-0b0c0d0e0f10");
    private static readonly DateTimeOffset Created = new(2023, 11, 14, 22, 13, 20, 250, TimeSpan.Zero);

    private static readonly Dictionary<string, object?> Values = new(StringComparer.Ordinal)
    {
        ["null"] = null,
        ["true"] = true,
        ["false"] = false,
        ["string"] = "Hello World!",
        ["string-wide"] = new string('x', 300),
        ["unicode"] = "Grüße 🙂",
        ["binary"] = new byte[] { 0, 1, 2 },
        ["ubyte"] = (byte)200,
        ["byte"] = (sbyte)-100,
        ["ushort"] = (ushort)60000,
        ["short"] = (short)-30000,
        ["uint"] = 4000000000u,
        ["uint0"] = 0u,
        ["int"] = -5,
        ["long"] = -9000000000L,
        ["ulong"] = 18000000000000000000ul,
        ["float"] = 1.5f,
        ["double"] = -2.25,
        ["char"] = 'é',
        ["timestamp"] = DateTimeOffset.FromUnixTimeMilliseconds(1700000000123).UtcDateTime,
        ["uuid"] = Id,
        ["symbol"] = new Symbol("a:symbol"),
        ["list"] = new List<object?> { 1L, "two", null, new List<object?> { true } },
        ["list-empty"] = new List<object?>(),
        ["map"] = new OrderedDictionary<object, object?> { ["b"] = 1L, ["a"] = new List<object?> { 2L } },
        ["map-empty"] = new OrderedDictionary<object, object?>(),
        ["decimal32"] = new AmqpDecimal32(0x32800001),
        ["decimal64"] = new AmqpDecimal64(0x31C0000000000001),
        ["decimal128"] = new AmqpDecimal128(new UInt128(0x0001020304050607, 0x08090a0b0c0d0e0f)),
        ["array-int"] = new[] { 1, -1, 100000 },
        ["array-symbol"] = new Symbol[] { "a", "bc" },
        ["described"] = new Described(new Symbol("my:type"), new List<object?> { 1L, 2L }),
        ["described-ulong"] = new Described(0x1234ul, "x"),
    };

    private static readonly Dictionary<string, byte[]> Vectors = File.ReadLines(Wire.VectorFile())
        .Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => Convert.FromHexString(parts[1]), StringComparer.Ordinal);

    public static TheoryData<string> Names => [.. Vectors.Keys];

    // Proton sends no body section for a body of None.
    public static TheoryData<string> ValueNames => [.. Values.Keys.Where(name => name != "null")];

    public static TheoryData<string> SimpleNames => [.. Values.Keys.Where(name => Vectors.ContainsKey("application-property-" + name))];

    [Theory]
    [MemberData(nameof(ValueNames))]
    public void Body_Value_IsTheOneSent(string name)
    {
        Message message = Wire.Receive(Vectors["value-" + name]);

        Assert.Equal(MessageBodyKind.Value, message.BodyKind);
        Wire.SameValue(Values[name], message.Body);
        Wire.SameValue(Values[name], Wire.RoundTrip(Message.FromValue(Values[name])).Body);
    }

    [Theory]
    [MemberData(nameof(SimpleNames))]
    public void ApplicationProperties_SimpleValue_IsTheOneSent(string name)
    {
        Message message = Wire.Receive(Vectors["application-property-" + name]);
        Message own = new("x") { ApplicationProperties = { ["key"] = Values[name] } };

        Wire.SameValue(Values[name], Assert.Single(message.ApplicationProperties).Value);
        Wire.SameValue(Values[name], Assert.Single(Wire.RoundTrip(own).ApplicationProperties).Value);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Encode_Decoded_KeepsEverySection(string name)
    {
        Message message = Wire.Receive(Vectors[name]);
        Message again = Wire.RoundTrip(message.ToOwned());
        _ = message.Body;

        MessageAssert.Same(message, again);
        MessageAssert.Same(message, Wire.RoundTrip(message));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Encoded_AnyVector_IsTheTailOfTheBytes(string name)
    {
        ReadOnlyMemory<byte> bare = Wire.Receive(Vectors[name]).Encoded;

        Assert.True(Vectors[name].AsSpan().EndsWith(bare.Span));
        Assert.Equal(0x73, bare.Span[2]);
    }

    [Fact]
    public void Body_UByteArray_IsAnAmqpArray()
    {
        IEnumerable array = Assert.IsType<AmqpArray>(Wire.Receive(Vectors["value-array-ubyte"]).Body);

        Assert.Equal([(byte)1, (byte)2], array.Cast<object>());
    }

    [Theory]
    [InlineData("data", "010203")]
    [InlineData("data-empty", "")]
    public void Body_Data_IsTheBytes(string name, string hex)
    {
        Message message = Wire.Receive(Vectors[name]);

        Assert.Equal(MessageBodyKind.Data, message.BodyKind);
        Assert.Equal(Convert.FromHexString(hex), Assert.IsType<byte[]>(message.Body));
        Assert.EndsWith(Convert.ToHexString(Wire.Encode(new Message(message.Body))), Convert.ToHexString(Vectors[name]), StringComparison.Ordinal);
    }

    [Fact]
    public void Body_Sequence_IsTheList()
    {
        Message message = Wire.Receive(Vectors["sequence"]);

        Assert.Equal(MessageBodyKind.Sequence, message.BodyKind);
        Wire.SameValue(new List<object?> { 1L, "two", null }, message.Body);
    }

    [Fact]
    public void Body_NoSection_IsNone()
    {
        Message message = Wire.Receive(Vectors["empty"]);

        Assert.Equal(MessageBodyKind.None, message.BodyKind);
        Assert.Null(message.Body);
        Assert.True(message.Data.IsEmpty);
    }

    [Theory]
    [InlineData("header")]
    [InlineData("everything")]
    public void Header_AllFields_AreTheOnesSent(string name)
    {
        Message message = Wire.Receive(Vectors[name]);

        Assert.True(message.Durable);
        Assert.Equal(9, message.Priority);
        Assert.Equal(TimeSpan.FromSeconds(1.5), message.TimeToLive);
        Assert.True(message.FirstAcquirer);
        Assert.Equal(3u, message.DeliveryCount);
    }

    [Theory]
    [InlineData("properties")]
    [InlineData("everything")]
    public void Properties_AllFields_AreTheOnesSent(string name)
    {
        Message message = Wire.Receive(Vectors[name]);

        Assert.Equal(Id, message.MessageId);
        Assert.Equal("guest"u8.ToArray(), message.UserId);
        Assert.Equal("queue", message.To);
        Assert.Equal("greeting", message.Subject);
        Assert.Equal("replies", message.ReplyTo);
        Assert.Equal("c-1", message.CorrelationId);
        Assert.Equal("text/plain", message.ContentType);
        Assert.Equal("gzip", message.ContentEncoding);
        Assert.Equal(Created.AddMilliseconds(1250), message.AbsoluteExpiryTime);
        Assert.Equal(Created, message.CreationTime);
        Assert.Equal("group", message.GroupId);
        Assert.Equal(7u, message.GroupSequence);
        Assert.Equal("reply-group", message.ReplyToGroupId);
    }

    [Fact]
    public void Maps_AllSections_AreTheOnesSent()
    {
        Message message = Wire.Receive(Vectors["everything"]);

        Assert.Equal(-1, message.DeliveryAnnotations["x-opt-da"]);
        Assert.Equal("annotation", message.MessageAnnotations["x-opt-ma"]);
        Wire.SameValue(new List<object?> { 1L, "two" }, message.MessageAnnotations["x-opt-list"]);
        Assert.Equal(["text", "number", "none"], message.ApplicationProperties.Keys);
        Assert.Equal(42, message.ApplicationProperties["number"]);
    }

    [Theory]
    [InlineData("id-ulong", "77")]
    [InlineData("id-string", "id-1")]
    [InlineData("id-uuid", "01020304-0506-0708-090a-0b0c0d0e0f10")]
    public void MessageId_EveryType_IsTheOneSent(string name, string expected)
    {
        Message message = Wire.Receive(Vectors[name]);

        Assert.Equal(expected, Convert.ToString(message.MessageId, CultureInfo.InvariantCulture));
        Assert.Equal(message.MessageId, message.CorrelationId);
    }

    [Fact]
    public void MessageId_Binary_IsTheOneSent() => Assert.Equal(new byte[] { 1, 2 }, Wire.Receive(Vectors["id-binary"]).MessageId);

    [Fact]
    public void Encode_Header_IsAsShortAsProtons()
    {
        Message message = new("x") { Durable = true, Priority = 9, TimeToLive = TimeSpan.FromSeconds(1.5), FirstAcquirer = true, DeliveryCount = 3 };

        byte[] expected = Vectors["header"];

        Assert.Equal(Convert.ToHexString(expected).Replace("00537345", "", StringComparison.Ordinal), Convert.ToHexString(Wire.Encode(message)));
    }
}
