using Messaging.Tests.Support;

namespace Messaging.Tests.Client;

/// <summary>Drains that the application answers: what a broker does.</summary>
public sealed class ManualDrainTests
{
    private static readonly ReceiverOptions Manual = new() { CreditWindow = 0 };
    private static readonly IncomingSenderOptions ManualDrain = new() { ManualDrain = true };

    [Fact]
    public async Task WaitForDrain_WithCreditInHand_CompletesWhenOneIsAskedFor()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(Manual, ManualDrain);
        await receiver.AddCreditAsync(5, BoundedWaits.Stop).Bounded();
        await sender.WaitForCreditAsync(BoundedWaits.Stop).Bounded();
        Task waiting = sender.WaitForDrainAsync(BoundedWaits.Stop).AsTask();
        Assert.False(waiting.IsCompleted);

        Task draining = receiver.DrainAsync(BoundedWaits.Stop).AsTask();
        await waiting.Bounded();
        await sender.DrainedAsync(BoundedWaits.Stop).Bounded();

        await draining.Bounded();
        Assert.Equal(0, sender.Credit);
    }

    [Fact]
    public async Task WaitForDrain_LinkEnds_Throws()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(Manual, ManualDrain);
        Task waiting = sender.WaitForDrainAsync(BoundedWaits.Stop).AsTask();

        await receiver.CloseAsync(BoundedWaits.Stop).Bounded();

        await waiting.Throws<LinkException>();
    }

    [Fact]
    public async Task Drained_RightAfterSends_GoesBehindThem()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(Manual, ManualDrain);
        await receiver.AddCreditAsync(5, BoundedWaits.Stop).Bounded();
        Task draining = receiver.DrainAsync(BoundedWaits.Stop).AsTask();
        await sender.WaitForDrainAsync(BoundedWaits.Stop).Bounded();

        Assert.True(sender.TrySend(new Message(new byte[300_000]), out _));
        Assert.True(sender.TrySend(new Message(1), out _));
        await sender.DrainedAsync(BoundedWaits.Stop).Bounded();

        await draining.Bounded();
        Assert.True(receiver.TryReceive(out _));
        Assert.True(receiver.TryReceive(out _));
        Assert.False(receiver.TryReceive(out _));
        Assert.Equal(0, sender.Credit);
    }

    [Fact]
    public async Task Drained_AnotherDrainMeanwhile_DoesNotAnswerThat()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (IReceiver receiver, ISender sender) = await pair.ReceivingLinkAsync(Manual, ManualDrain);
        await receiver.AddCreditAsync(1, BoundedWaits.Stop).Bounded();
        Task first = receiver.DrainAsync(BoundedWaits.Stop).AsTask();
        await sender.WaitForDrainAsync(BoundedWaits.Stop).Bounded();
        Assert.True(sender.TrySend(new Message(1), out _));
        await first.Bounded();

        await receiver.AddCreditAsync(5, BoundedWaits.Stop).Bounded();
        Task second = receiver.DrainAsync(BoundedWaits.Stop).AsTask();
        await BoundedWaits.UntilAsync(() => sender.Credit == 5);
        await sender.DrainedAsync(BoundedWaits.Stop).Bounded();

        Assert.Equal(5, sender.Credit);
        Assert.False(second.IsCompleted);
        await sender.WaitForDrainAsync(BoundedWaits.Stop).Bounded();
        await sender.DrainedAsync(BoundedWaits.Stop).Bounded();
        await second.Bounded();
    }
}
