using System.Collections;
using System.Text;
using Messaging.Amqp;

namespace Messaging.Tests.Messages;

public sealed class MessageBodyTests
{
    public static TheoryData<object?, object?> Canonical => new()
    {
        { null, null },
        { true, true },
        { (byte)1, (byte)1 },
        { (sbyte)-1, (sbyte)-1 },
        { (short)-1, (short)-1 },
        { (ushort)1, (ushort)1 },
        { -1, -1 },
        { 1u, 1u },
        { -1L, -1L },
        { 1ul, 1ul },
        { 1.5f, 1.5f },
        { 1.5, 1.5 },
        { 1.5m, (AmqpDecimal128)1.5m },
        { new AmqpDecimal32(1), new AmqpDecimal32(1) },
        { new AmqpDecimal64(1), new AmqpDecimal64(1) },
        { new AmqpDecimal128(1), new AmqpDecimal128(1) },
        { 'c', 'c' },
        { new Rune('c'), 'c' },
        { new Rune(0x1f642), new Rune(0x1f642) },
        { "text", "text" },
        { new Symbol("symbol"), new Symbol("symbol") },
        { new Guid("01020304-0506-0708-090a-0b0c0d0e0f10"), new Guid("01020304-0506-0708-090a-0b0c0d0e0f10") },
        { new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc) },
        { new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), new DateTime(2026, 1, 2, 2, 4, 5, DateTimeKind.Utc) },
        { new AmqpTimestamp(long.MinValue), new AmqpTimestamp(long.MinValue) },
        { new byte[] { 1 }, new byte[] { 1 } },
        { new ReadOnlyMemory<byte>([1]), new byte[] { 1 } },
        { new Memory<byte>([1]), new byte[] { 1 } },
    };

    public static TheoryData<object, object> Containers => new()
    {
        { new List<object?> { 1, "two" }, new List<object?> { 1, "two" } },
        { new object?[] { 1, null }, new List<object?> { 1, null } },
        { new List<string> { "a" }, new List<object?> { "a" } },
        { new Dictionary<string, object?>(StringComparer.Ordinal) { ["b"] = 1 }, new OrderedDictionary<object, object?> { ["b"] = 1 } },
        { new Hashtable { [1] = 2 }, new OrderedDictionary<object, object?> { [1] = 2 } },
        { new[] { 1, 2 }, new[] { 1, 2 } },
        { new[] { "a", "b" }, new[] { "a", "b" } },
        { new sbyte[] { -1 }, new sbyte[] { -1 } },
        { new Described(new Symbol("a:b"), 1), new Described(new Symbol("a:b"), 1) },
    };

    [Theory]
    [MemberData(nameof(Canonical))]
    [MemberData(nameof(Containers))]
    public void FromValue_EveryType_ArrivesAsItsCanonicalForm(object? value, object? canonical)
    {
        Message received = Wire.RoundTrip(Message.FromValue(value));

        Assert.Equal(MessageBodyKind.Value, received.BodyKind);
        Wire.SameValue(canonical, received.Body);
    }

    [Theory]
    [MemberData(nameof(Canonical))]
    public void ApplicationProperties_EverySimpleType_ArrivesAsItsCanonicalForm(object? value, object? canonical)
    {
        Message received = Wire.RoundTrip(new Message("x") { ApplicationProperties = { ["key"] = value } });

        Wire.SameValue(canonical, received.ApplicationProperties["key"]);
    }

    [Fact]
    public void Constructor_Default_IsANullValue()
    {
        Message message = new();

        Assert.Equal(MessageBodyKind.Value, message.BodyKind);
        Assert.Null(message.Body);
        Assert.Equal("00537740", Convert.ToHexString(Wire.Encode(message)));
    }

    [Theory]
    [MemberData(nameof(Containers))]
    public void Constructor_Container_IsAValue(object value, object canonical)
    {
        Message message = new(value);

        Assert.Equal(MessageBodyKind.Value, message.BodyKind);
        Assert.Same(value, message.Body);
        Wire.SameValue(canonical, Wire.RoundTrip(message).Body);
    }

    [Fact]
    public void Constructor_Binary_IsADataSection()
    {
        byte[] bytes = [1, 2, 3];

        Assert.Same(bytes, new Message(bytes).Body);
        Assert.Equal("005375A003010203", Convert.ToHexString(Wire.Encode(new Message(bytes))));
        Assert.Equal("005375A0020203", Convert.ToHexString(Wire.Encode(new Message(bytes.AsMemory(1)))));
        Assert.Equal("005375A0020203", Convert.ToHexString(Wire.Encode(new Message((ReadOnlyMemory<byte>)bytes.AsMemory(1)))));
        Assert.Equal([2, 3], Assert.IsType<byte[]>(new Message(bytes.AsMemory(1)).Body));
        Assert.Equal("005377A003010203", Convert.ToHexString(Wire.Encode(Message.FromValue(bytes))));
    }

    [Fact]
    public void Body_OwnMemory_IsCopiedOnce()
    {
        Message message = new(new byte[10].AsMemory(1));

        Assert.Same(message.Body, message.Body);
    }

    [Fact]
    public void Body_SeveralDataSections_IsAListOfArrays()
    {
        Message message = Message.FromData(new byte[] { 1 }, new byte[] { 2, 3 });

        foreach (Message each in new[] { message, Wire.RoundTrip(message) })
        {
            IReadOnlyList<byte[]> body = Assert.IsAssignableFrom<IReadOnlyList<byte[]>>(each.Body);
            Assert.Equal([[1], [2, 3]], body);
            Assert.False(body is IList);
            Assert.Equal(2, each.DataSections.Count);
            Assert.Empty(each.SequenceSections);
        }
    }

    [Fact]
    public void Body_OneDataSection_IsAnArrayAndOneEntry()
    {
        Message message = Wire.RoundTrip(Message.FromData(new byte[] { 1 }));

        Assert.Equal([1], Assert.IsType<byte[]>(message.Body));
        Assert.Equal([1], Assert.Single(message.DataSections).ToArray());
    }

    [Fact]
    public void Body_OneSequence_IsAList()
    {
        Message message = Message.FromSequence(new[] { 1, 2 });

        Assert.Equal("005376C0050254015402", Convert.ToHexString(Wire.Encode(message)));
        Wire.SameValue(new List<object?> { 1, 2 }, Wire.RoundTrip(message).Body);
        Assert.Single(Wire.RoundTrip(message).SequenceSections);
    }

    [Fact]
    public void Body_SeveralSequences_IsAListOfLists()
    {
        Message message = Message.FromSequences([new List<object?> { 1 }, Array.Empty<object>()]);

        Message received = Wire.RoundTrip(message);

        IReadOnlyList<IList> body = Assert.IsAssignableFrom<IReadOnlyList<IList>>(received.Body);
        Assert.False(received.Body is IList);
        Assert.Equal(2, body.Count);
        Assert.Equal(body, received.SequenceSections);
        Assert.Empty(body[1]);
        Assert.Empty(received.DataSections);
    }

    [Fact]
    public void Body_LargeSections_ComeBack()
    {
        byte[] large = new byte[300_000];
        new Random(1).NextBytes(large);
        Message message = Message.FromData(large, Array.Empty<byte>(), large.AsMemory(1000), large);

        Message received = Wire.RoundTrip(message);

        MessageAssert.SameBody(message, received);
        Assert.Equal((3 * 300_000) - 1000, received.Data.Length);
    }
}
