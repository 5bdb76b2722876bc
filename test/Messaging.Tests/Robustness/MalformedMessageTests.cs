using Messaging.Amqp;
using Messaging.Amqp.Framing;

namespace Messaging.Tests.Robustness;

/// <summary>A message that cannot be read is the application's to reject: it stops neither the stream nor the connection, on a listener and on a client.</summary>
public sealed class MalformedMessageTests
{
    private static readonly byte[] BadUtf8 = [0xA1, 2, 0xC3, 0x28];

    public static IEnumerable<(string Name, byte[] Payload, string Says)> Messages =>
    [
        ("message-id", [0, 0x53, 0x73, 0xC0, 5, 1, .. BadUtf8, 0, 0x53, 0x77, 0x40], "properties"),
        ("application property", [0, 0x53, 0x74, 0xC1, 8, 2, 0xA1, 1, (byte)'a', .. BadUtf8, 0, 0x53, 0x77, 0x40], "application-properties"),
        ("body", [0, 0x53, 0x77, .. BadUtf8], "amqp-value"),
        ("string longer than the message", [0, 0x53, 0x77, 0xB1, 0xFF, 0xFF, 0xFF, 0xFF], "amqp-value"),
        ("array of 2^31 nulls", [0, 0x53, 0x77, 0xF0, 0, 0, 0, 5, 0x80, 0, 0, 0, 0x40], "amqp-value"),
        ("5000 nested lists", [0, 0x53, 0x77, .. BadInput.Nested(5000)], "stand inside each other"),
        ("no section", [0xFF, 0xFF, 0xFF], "section"),
        ("a value that is no section", [0xA1, 1, (byte)'x'], "section"),
        ("10001 data sections", [.. Enumerable.Repeat<byte[]>([0, 0x53, 0x75, 0xA0, 0], 10_001).SelectMany(section => section)], "10000 body sections"),
    ];

    public static TheoryData<string, bool> Rows => [.. Messages.SelectMany(message => new (string, bool)[] { (message.Name, true), (message.Name, false) })];

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Message_ThatCannotBeRead_ThrowsWhereItIsReadAndTheStreamGoesOn(string name, bool isListener)
    {
        (_, byte[] payload, string says) = Messages.Single(message => message.Name == name);
        await using ReadingSide side = await ReadingSide.StartAsync(isListener);

        await side.Peer.SendTransferAsync(0, payload);
        await side.Peer.SendTransferAsync(1, RawPeer.Encode(new Message("good")));
        int count = 0;
        await foreach (IDelivery delivery in side.Receiver.ReceiveAllAsync(2, BoundedWaits.Stop))
        {
            if (count++ > 0)
            {
                Assert.Equal("good", delivery.Message.Body);
                continue;
            }

            AmqpCodecException exception = Assert.Throws<AmqpCodecException>(() => ReadAll(delivery.Message));
            Assert.Equal(ErrorCondition.DecodeError, exception.Error?.Condition);
            Assert.Contains(says, exception.Message, StringComparison.Ordinal);
            await delivery.RejectAsync(exception.Error, BoundedWaits.Stop).Bounded();
        }

        Assert.Equal(2, count);
        Disposition rejected = await side.Peer.ReadUntilAsync<Disposition>();
        Assert.Equal((0u, ErrorCondition.DecodeError), (rejected.First, Assert.IsType<Rejected>(rejected.State).Error?.Condition));
        Disposition accepted = await side.Peer.ReadUntilAsync<Disposition>();
        Assert.Equal((1u, Accepted.Instance), (accepted.First, accepted.State));
        Assert.False(side.Receiver.Closed.IsCompleted);
        await side.AssertBystanderAsync();
    }

    /// <summary>RabbitMQ and Proton let applications send it.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Message_EmptyPayload_IsAMessageWithoutABody(bool isListener)
    {
        await using ReadingSide side = await ReadingSide.StartAsync(isListener);

        await side.Peer.SendTransferAsync(0, []);
        IDelivery delivery = await side.Receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        ReadAll(delivery.Message);
        await delivery.AcceptAsync(BoundedWaits.Stop).Bounded();

        Assert.Equal((MessageBodyKind.None, null), (delivery.Message.BodyKind, delivery.Message.Body));
        Assert.Same(Accepted.Instance, (await side.Peer.ReadUntilAsync<Disposition>()).State);
    }

    /// <summary>What is within the credit is the application's; one more ends the link, and only the link.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transfers_BeyondCredit_EndTheLinkThatReads(bool isListener)
    {
        await using ReadingSide side = await ReadingSide.StartAsync(isListener);
        byte[] body = RawPeer.Encode(new Message("x"));
        Task<int> reading = CountAsync(side.Receiver); // begins to read here and now: on a link that has ended nothing can begin

        await side.Peer.SendRawAsync((byte[])[.. Enumerable.Range(0, 20_000).SelectMany(i => RawPeer.TransferFrame((uint)i, body, settled: true))]);
        Detach detach = await side.Peer.ReadUntilAsync<Detach>();
        CloseReason reason = await side.Receiver.Closed.Bounded();

        Assert.Equal(ErrorCondition.TransferLimitExceeded, detach.Error?.Condition);
        LinkException exception = Assert.IsType<LinkException>(reason.Exception);
        Assert.Equal(ErrorCondition.TransferLimitExceeded, exception.Error?.Condition);
        Assert.Contains($"'{side.Receiver.Name}'", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ReadingSide.Credit, await reading.Bounded());
        await side.AssertBystanderAsync();
    }

    /// <summary>Reads until the link ends with an error.</summary>
    private static async Task<int> CountAsync(IReceiver receiver)
    {
        int received = 0;
        try
        {
            await foreach (IDelivery _ in receiver.ReceiveAllAsync(BoundedWaits.Stop))
                received++;
        }
        catch (LinkException)
        {
            return received;
        }

        throw new InvalidOperationException("The stream ended without an error.");
    }

    private static void ReadAll(Message message)
    {
        _ = message.MessageId;
        _ = message.ApplicationProperties.Count;
        _ = message.Body;
    }
}
