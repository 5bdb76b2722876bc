using Messaging.Amqp;
using Messaging.Amqp.Framing;
using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>A message that cannot be read is the application's to reject: it stops neither the stream nor the connection.</summary>
public sealed class MalformedMessageTests
{
    private static readonly byte[] BadUtf8 = [0xA1, 2, 0xC3, 0x28];

    public static IEnumerable<TheoryDataRow<byte[]>> Messages =>
    [
        new([0, 0x53, 0x73, 0xC0, 5, 1, .. BadUtf8, 0, 0x53, 0x77, 0x40]) { Label = "message-id" },
        new([0, 0x53, 0x74, 0xC1, 9, 2, 0xA1, 1, (byte)'a', .. BadUtf8, 0, 0x53, 0x77, 0x40]) { Label = "application property" },
        new([0, 0x53, 0x77, .. BadUtf8]) { Label = "body" },
        new([0, 0x53, 0x77, 0xB1, 0xFF, 0xFF, 0xFF, 0xFF]) { Label = "string longer than the message" },
        new([0, 0x53, 0x77, 0xF0, 0, 0, 0, 5, 0x80, 0, 0, 0, 0x40]) { Label = "array of 2^31 nulls" },
        new([0, 0x53, 0x77, .. Nested(5000)]) { Label = "nested lists" },
    ];

    [Theory]
    [MemberData(nameof(Messages))]
    public async Task Message_ThatCannotBeRead_ThrowsWhereItIsReadAndTheStreamGoesOn(byte[] payload)
    {
        await using TestPair pair = await TestPair.ListenAsync();
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        ValueTask<IIncomingConnection> incoming = pair.Listener.AcceptAllAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop);
        Task opening = peer.OpenAsClientAsync();
        await using IConnection accepted = await (await incoming.Bounded()).AcceptAsync(BoundedWaits.Stop).Bounded();
        await opening.Bounded();
        await peer.BeginAsync();
        await peer.SendAsync(BadInput.Attach("link", 0));
        IIncomingLink link = await accepted.IncomingLinksAsync(BoundedWaits.Stop).FirstAsync(BoundedWaits.Stop).Bounded();
        await using IReceiver receiver = await link.AcceptReceiverAsync(new IncomingReceiverOptions { CreditWindow = 0, InitialCredit = 10 }, BoundedWaits.Stop).Bounded();

        await peer.ReadUntilAsync<Flow>();
        await peer.SendTransferAsync(0, payload);
        await peer.SendTransferAsync(1, RawPeer.Encode(new Message("good")));
        int count = 0;
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(2, BoundedWaits.Stop))
        {
            if (count++ > 0)
            {
                Assert.Equal("good", delivery.Message.Body);
                continue;
            }

            AmqpCodecException exception = Assert.Throws<AmqpCodecException>(() => ReadAll(delivery.Message));
            Assert.Equal(ErrorCondition.DecodeError, exception.Error?.Condition);
            await delivery.RejectAsync(exception.Error, BoundedWaits.Stop).Bounded();
        }

        Assert.Equal(2, count);
        Assert.Equal(ErrorCondition.DecodeError, Assert.IsType<Rejected>((await peer.ReadUntilAsync<Disposition>()).State).Error?.Condition);
        await peer.DisposeAsync();
    }

    private static void ReadAll(Message message)
    {
        _ = message.MessageId;
        _ = message.ApplicationProperties.Count;
        _ = message.Body;
    }

    private static byte[] Nested(int depth)
    {
        byte[] value = new byte[(depth * 9) + 1];
        for (int i = 0; i < depth; i++)
        {
            Span<byte> list = value.AsSpan(i * 9);
            list[0] = 0xD0;
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(list[1..], list.Length - 5);
            list[8] = 1;
        }

        value[^1] = 0x45;
        return value;
    }
}
