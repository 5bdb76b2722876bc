using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>What was read from a received message stays (design section 4, "Lifetime of a received message").</summary>
public sealed class LifetimeTests
{
    [Fact]
    public async Task Message_AfterAdvancingSettlingAndClosing_KeepsItsValues()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();
        List<(Message Message, byte[] Body)> kept = [];

        Task consuming = BoundedWaits.Run(async () =>
        {
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(50, BoundedWaits.Stop))
                kept.Add((delivery.Message, (byte[])delivery.Message.Body!));
        });
        await sender.SendBatchAsync(Enumerable.Range(0, 50).Select(i => new Message(Enumerable.Repeat((byte)i, 1000).ToArray()) { Subject = $"s{i}" }), BoundedWaits.Stop).Bounded();
        await consuming.Bounded();
        await receiver.CloseAsync(BoundedWaits.Stop).Bounded();
        await pair.Accepted.DisposeAsync().Bounded();

        for (int i = 0; i < 50; i++)
        {
            Assert.Equal($"s{i}", kept[i].Message.Subject);
            Assert.Equal(Enumerable.Repeat((byte)i, 1000), kept[i].Body);
            Assert.Equal(kept[i].Body, (byte[])kept[i].Message.Body!);
        }
    }

    [Fact]
    public async Task Data_AfterTheStreamAdvanced_Throws()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync();
        Message? first = null;

        Task consuming = BoundedWaits.Run(async () =>
        {
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(2, BoundedWaits.Stop))
            {
                if (first is null)
                    Assert.Equal(1000, (first = delivery.Message).Data.Length);
                else
                    Assert.Throws<ObjectDisposedException>(() => first.Data);
            }
        });
        await sender.SendBatchAsync([new Message(new byte[1000]), new Message(new byte[1000])], BoundedWaits.Stop).Bounded();

        await consuming.Bounded();
    }
}
