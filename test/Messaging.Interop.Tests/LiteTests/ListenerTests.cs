using Messaging.Amqp;
using Lite = global::Amqp;

namespace Messaging.Interop.Tests.LiteTests;

/// <summary>AMQPNetLite as a client of our listener: every outcome and every refusal reaches it.</summary>
public class ListenerTests : InteropTest
{
    [Fact]
    public async Task SendAsync_EachOutcome_ReachesTheSender()
    {
        await using var listening = await Listening.StartAsync(Client, SettleByBodyAsync, Limit);
        await using var client = await LiteClient.ConnectAsync(listening.Url);
        var sender = client.Sender("outcomes");

        var accepted = await LiteClient.SendForOutcomeAsync(sender, new Lite.Message("accept"));
        var rejected = await LiteClient.SendForOutcomeAsync(sender, new Lite.Message("reject"));
        var released = await LiteClient.SendForOutcomeAsync(sender, new Lite.Message("release"));
        var modified = await LiteClient.SendForOutcomeAsync(sender, new Lite.Message("modify"));

        Assert.IsType<Lite.Framing.Accepted>(accepted);
        var error = Assert.IsType<Lite.Framing.Rejected>(rejected).Error;
        Assert.Equal(("example:bad", "not wanted"), (error.Condition.ToString(), error.Description));
        Assert.IsType<Lite.Framing.Released>(released);
        var modification = Assert.IsType<Lite.Framing.Modified>(modified);
        Assert.True(modification.DeliveryFailed);
        Assert.True(modification.UndeliverableHere);
    }

    [Fact]
    public async Task ReceiveAsync_EachOutcome_ReachesUs()
    {
        var outcomes = new TaskCompletionSource<IReadOnlyList<Outcome>>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listening = await Listening.StartAsync(Client, async (link, stop) =>
        {
            await using var sender = await link.AcceptSenderAsync(cancellationToken: stop);
            outcomes.TrySetResult(await sender.SendBatchAsync([new Message("accept"), new Message("reject"), new Message("release"), new Message("modify")], stop));
        }, Limit);
        await using var client = await LiteClient.ConnectAsync(listening.Url);
        var receiver = client.Receiver("outcomes");

        receiver.Accept(await LiteClient.ReceiveAsync(receiver));
        receiver.Reject(await LiteClient.ReceiveAsync(receiver), new Lite.Framing.Error("example:bad") { Description = "not wanted" });
        receiver.Release(await LiteClient.ReceiveAsync(receiver));
        receiver.Modify(await LiteClient.ReceiveAsync(receiver), deliveryFailed: true, undeliverableHere: true);
        var seen = await outcomes.Task.WaitAsync(Limit);

        Assert.IsType<Accepted>(seen[0]);
        Assert.Equal("not wanted", Assert.IsType<Rejected>(seen[1]).Error?.Description);
        Assert.IsType<Released>(seen[2]);
        Assert.Equal((true, true), Assert.IsType<Modified>(seen[3]) is var modified ? (modified.DeliveryFailed, modified.UndeliverableHere) : default);
    }

    [Fact]
    public async Task SendAsync_OneMebibyte_ArrivesWhole()
    {
        var data = Pattern(1024 * 1024);
        var arrived = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listening = await Listening.StartAsync(Client, async (link, stop) =>
        {
            await using var receiver = await link.AcceptReceiverAsync(cancellationToken: stop);
            await foreach (var delivery in receiver.ReceiveAllAsync(1, stop))
                arrived.TrySetResult(delivery.Message.Body);
        }, Limit);
        await using var client = await LiteClient.ConnectAsync(listening.Url);

        await client.Sender("large").SendAsync(new Lite.Message { BodySection = new Lite.Framing.Data { Binary = data } });

        Assert.Equal(data, await arrived.Task.WaitAsync(Limit));
    }

    [Fact]
    public async Task SendAsync_LinkRefused_FailsWithOurError()
    {
        await using var listening = await Listening.StartAsync(
            Client, async (link, stop) => await link.RefuseAsync(new AmqpError(ErrorCondition.UnauthorizedAccess, "not for you"), stop), Limit);
        await using var client = await LiteClient.ConnectAsync(listening.Url);
        var sender = client.Sender("forbidden");

        var refusal = await Assert.ThrowsAsync<Lite.AmqpException>(() => sender.SendAsync(new Lite.Message("x")));

        Assert.Equal("amqp:unauthorized-access", refusal.Error.Condition.ToString());
        Assert.Equal("not for you", refusal.Error.Description);
    }

    [Fact]
    public async Task SenderLink_SeveralLinksAndSessions_AllReachUs()
    {
        var bodies = new System.Collections.Concurrent.ConcurrentBag<string>();
        await using var listening = await Listening.StartAsync(Client, async (link, stop) =>
        {
            await using var receiver = await link.AcceptReceiverAsync(cancellationToken: stop);
            await foreach (var delivery in receiver.ReceiveAllAsync(20, stop))
                bodies.Add($"{receiver.Target.Address}: {delivery.Message.Body}");
        }, Limit);
        await using var client = await LiteClient.ConnectAsync(listening.Url);
        Lite.Session[] sessions = [client.Session, new(client.Connection), new(client.Connection)];

        await Task.WhenAll(Enumerable.Range(0, 9).Select(async i =>
        {
            var sender = client.Sender($"link-{i}", sessions[i % sessions.Length]);
            for (var n = 0; n < 20; n++)
                await sender.SendAsync(new Lite.Message($"{n}"));
        }));

        Assert.Equal(
            Enumerable.Range(0, 9).SelectMany(i => Enumerable.Range(0, 20).Select(n => $"link-{i}: {n}")).Order(StringComparer.Ordinal),
            bodies.Order(StringComparer.Ordinal));
    }

    private static async Task SettleByBodyAsync(IIncomingLink link, CancellationToken stop)
    {
        await using var receiver = await link.AcceptReceiverAsync(cancellationToken: stop);
        await foreach (var delivery in receiver.ReceiveAllAsync(4, stop))
        {
            switch (delivery.Message.Body)
            {
                case "reject":
                    await delivery.RejectAsync(new AmqpError("example:bad", "not wanted"), stop);
                    break;
                case "release":
                    await delivery.ReleaseAsync(stop);
                    break;
                case "modify":
                    await delivery.ModifyAsync(deliveryFailed: true, undeliverableHere: true, stop);
                    break;
            }
        }
    }
}
