using Microsoft.Extensions.Time.Testing;

namespace Messaging.Broker.Tests;

public sealed class ExpiryTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Message_ThatHasOutlivedItsTime_IsDropped()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.TimeProvider = _time);
        IConnection connection = await fixture.ConnectAsync();
        await SendAsync(connection, new Message("short") { TimeToLive = TimeSpan.FromSeconds(1) }, new Message("long") { TimeToLive = TimeSpan.FromSeconds(5) }, new Message("ever"));

        _time.Advance(TimeSpan.FromSeconds(2));
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        List<IDelivery> taken = await BrokerFixture.DrainAsync(receiver, 10);

        Assert.Equal(["long", "ever"], taken.Select(delivery => delivery.Message.Body));
        Assert.Equal([TimeSpan.FromSeconds(3), null], taken.Select(delivery => delivery.Message.TimeToLive));
    }

    [Fact]
    public async Task ExpiredMessages_GiveTheirRoomToOthers_WithoutAReceiver()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options =>
        {
            options.TimeProvider = _time;
            options.QueueCapacity = 2;
            options.Listener.IdleTimeout = TimeSpan.Zero; // the client's clock is another one
        });
        IConnection connection = await fixture.ConnectAsync();
        await SendAsync(connection, new Message("a") { TimeToLive = TimeSpan.FromSeconds(1) }, new Message("b") { TimeToLive = TimeSpan.FromSeconds(1) });
        Task sending = SendAsync(connection, new Message("c"));
        Assert.Equal(2, fixture.Broker.GetQueueDepth("q"));

        await BoundedWaits.UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // the queue's timer may be set a moment after the first of them
            return sending.IsCompleted;
        });

        await sending;
        Assert.Equal(1, fixture.Broker.GetQueueDepth("q"));
    }

    [Fact]
    public async Task Message_ReturnedAfterItsTime_IsDropped()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(options => options.TimeProvider = _time);
        IConnection connection = await fixture.ConnectAsync();
        await SendAsync(connection, new Message("a") { TimeToLive = TimeSpan.FromSeconds(1) });
        await using IReceiver receiver = await BrokerFixture.ManualAsync(connection, "q");
        IDelivery delivery = Assert.Single(await BrokerFixture.DrainAsync(receiver, 1));

        _time.Advance(TimeSpan.FromSeconds(2));
        await delivery.ReleaseAsync(BrokerFixture.Token);

        Assert.Empty(await BrokerFixture.DrainAsync(receiver, 1));
        await fixture.WaitForDepthAsync("q", 0);
    }

    private static async Task SendAsync(IConnection connection, params Message[] messages)
    {
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        foreach (Message message in messages)
            await sender.SendAsync(message, BrokerFixture.Token).AsTask().Bounded();
    }
}
