using System.Buffers.Binary;
using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Broker.Tests;

/// <summary>A producer over TCP that sends what no client would: the message is refused, or the link or the connection ended, with the standard's condition, and everyone else goes on.</summary>
public sealed class BadInputTests
{
    public static IEnumerable<(string Name, byte[] Payload, bool IsTaken)> Messages =>
    [
        ("no section", [0xFF, 0xFF, 0xFF], false),
        ("a value that is no section", [0xA1, 1, (byte)'x'], false),
        ("a body cut short", [0, 0x53, 0x77, 0xB1, 0xFF, 0xFF, 0xFF, 0xFF], false),
        ("10001 data sections", [.. Enumerable.Repeat<byte[]>([0, 0x53, 0x75, 0xA0, 0], 10_001).SelectMany(section => section)], false),
        ("empty", [], true),
        ("5000 nested lists", [0, 0x53, 0x77, .. Nested(5000)], true), // the body is the consumer's to read: it goes through as bytes
    ];

    public static TheoryData<string> Names => [.. Messages.Select(message => message.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Message_ThatIsNone_IsRejectedAndTheLinkGoesOn(string name)
    {
        (_, byte[] payload, bool isTaken) = Messages.Single(message => message.Name == name);
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options => options.MaxMessageSize = 1024 * 1024); // there is credit for several at once
        await using RawPeer peer = await ProducerAsync(fixture);

        await peer.SendTransferAsync(0, payload);
        Disposition first = await peer.ReadUntilAsync<Disposition>();
        await peer.SendTransferAsync(1, RawPeer.Encode(new Message("good")));
        Disposition second = await peer.ReadUntilAsync<Disposition>();

        Assert.Equal((0u, true), (first.First, first.Settled));
        if (isTaken)
            Assert.Same(Accepted.Instance, first.State);
        else
            Assert.Equal(ErrorCondition.DecodeError, Assert.IsType<Rejected>(first.State).Error?.Condition);
        Assert.Equal((1u, Accepted.Instance), (second.First, second.State));
        await AssertOthersAsync(fixture, isTaken ? 2 : 1);
    }

    [Fact]
    public async Task Message_NestedTooDeep_ReachesTheConsumerWhoCannotReadIt()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using RawPeer peer = await ProducerAsync(fixture);
        await peer.SendTransferAsync(0, [0, 0x53, 0x77, .. Nested(5000)]);
        await peer.ReadUntilAsync<Disposition>();
        IConnection connection = await fixture.ConnectAsync();
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);

        IDelivery delivery = await BrokerFixture.ReceiveAsync(receiver);

        Assert.Equal(ErrorCondition.DecodeError, Assert.Throws<AmqpCodecException>(() => delivery.Message.Body).Error?.Condition);
        await delivery.RejectAsync(null, BrokerFixture.Token).AsTask().Bounded();
    }

    [Fact]
    public async Task Transfers_BeyondCredit_EndTheLink()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options => options.QueueCapacity = 100);
        await using RawPeer peer = await ProducerAsync(fixture);

        await peer.SendRawAsync((byte[])[.. Enumerable.Range(0, 20_000).SelectMany(i => RawPeer.TransferFrame((uint)i, RawPeer.Encode(new Message("x"))))]);

        Assert.Equal(ErrorCondition.TransferLimitExceeded, (await peer.ReadUntilAsync<Detach>()).Error?.Condition);
        await AssertOthersAsync(fixture, null);
    }

    [Fact]
    public async Task Begins_BeyondChannelMax_CloseTheConnection()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(fixture.Broker.Url);
        await peer.OpenAsClientAsync();

        await peer.SendRawAsync((byte[])[.. Enumerable.Range(0, 10_000).SelectMany(i => RawPeer.Frame(new Begin { IncomingWindow = 1, OutgoingWindow = 1 }, (ushort)i))]);

        Assert.Equal(ErrorCondition.FramingError, (await peer.ReadUntilAsync<Close>()).Error?.Condition);
        await AssertOthersAsync(fixture, null);
    }

    /// <summary>A raw producer on the queue "q", with credit.</summary>
    private static async Task<RawPeer> ProducerAsync(BrokerFixture fixture)
    {
        RawPeer peer = await RawPeer.ConnectAsync(fixture.Broker.Url);
        await peer.OpenAsClientAsync();
        await peer.BeginAsync();
        await peer.SendAsync(new Attach { Name = "bad", Handle = 0, Role = false, Source = new Source(), Target = new Target { Address = "q" }, InitialDeliveryCount = 0 });
        await peer.ReadUntilAsync<Attach>();
        while ((await peer.ReadUntilAsync<Flow>()).LinkCredit is null or 0)
        {
        }

        return peer;
    }

    /// <summary>The queue has what it took, and another connection has its messages carried.</summary>
    private static async Task AssertOthersAsync(BrokerFixture fixture, int? depth)
    {
        if (depth is { } expected)
            Assert.Equal(expected, fixture.Broker.GetQueueDepth("q"));
        IConnection connection = await fixture.ConnectAsync();
        await BrokerFixture.SendAsync(connection, "other", "still here");
        await using IReceiver receiver = await connection.CreateReceiverAsync("other", BrokerFixture.Token);
        Assert.Equal("still here", (await BrokerFixture.ReceiveAsync(receiver)).Message.Body);
    }

    private static byte[] Nested(int depth)
    {
        byte[] value = new byte[(depth * 9) + 1];
        for (int i = 0; i < depth; i++)
        {
            Span<byte> list = value.AsSpan(i * 9);
            list[0] = 0xD0;
            BinaryPrimitives.WriteInt32BigEndian(list[1..], list.Length - 5);
            list[8] = 1;
        }

        value[^1] = 0x45;
        return value;
    }
}
