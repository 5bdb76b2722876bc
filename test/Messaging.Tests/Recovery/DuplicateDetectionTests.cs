using Messaging.Tests.Support;

namespace Messaging.Tests.Recovery;

/// <summary>The mark by which Artemis knows a message that it got before.</summary>
public class DuplicateDetectionTests
{
    private const string Property = "_AMQ_DUPL_ID";

    [Fact]
    public async Task Send_WithDuplicateDetection_MarksEachMessageAndLeavesItAsItWas()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync(new SenderOptions { DuplicateDetection = true });
        var plain = new Message("plain");
        var full = new Message("full") { ApplicationProperties = { ["a"] = 1 } };
        var own = new Message("own") { ApplicationProperties = { [Property] = "mine" } };

        Task sending = Task.WhenAll(sender.SendAsync(plain, BoundedWaits.Stop).AsTask(), sender.SendAsync(full, BoundedWaits.Stop).AsTask(), sender.SendAsync(own, BoundedWaits.Stop).AsTask());
        var received = new List<Message>();
        await foreach (IDelivery delivery in receiver.ReceiveAllAsync(3, BoundedWaits.Stop))
            received.Add(delivery.Message.ToOwned());
        await sending.Bounded();

        Assert.Equal(["plain", "full", "own"], received.Select(message => message.Body));
        object?[] marks = [.. received.Select(message => message.ApplicationProperties[Property])];
        Assert.Equal(3, marks.Distinct().Count());
        Assert.Equal("mine", marks[2]);
        Assert.Equal(1, received[1].ApplicationProperties["a"]);
        Assert.False(plain.ApplicationProperties.ContainsKey(Property));
    }

    [Fact]
    public async Task Send_Without_MarksNothing()
    {
        await using TestPair pair = await TestPair.OpenAsync();
        (ISender sender, IReceiver receiver) = await pair.SendingLinkAsync();

        Task sending = sender.SendAsync(new Message("plain"), BoundedWaits.Stop).AsTask();
        using IDelivery delivery = await receiver.ReceiveAsync(BoundedWaits.Stop).Bounded();
        await delivery.AcceptAsync(BoundedWaits.Stop).Bounded();
        await sending.Bounded();

        Assert.Empty(delivery.Message.ApplicationProperties);
    }
}
