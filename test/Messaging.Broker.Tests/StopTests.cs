using Messaging.Amqp;
using Messaging.Testing.Proxy;

namespace Messaging.Broker.Tests;

public sealed class StopTests
{
    [Fact]
    public async Task Stop_ClosesConnectionsWithConnectionForced()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection first = await fixture.Client.ConnectAsync(OneAttempt(fixture), BrokerFixture.Token);
        IConnection second = await fixture.Client.ConnectAsync(OneAttempt(fixture), BrokerFixture.Token);
        ISender sender = await first.CreateSenderAsync("q", BrokerFixture.Token);
        await sender.SendAsync(new Message("a"), BrokerFixture.Token);

        await fixture.Broker.StopAsync(BrokerFixture.Token).AsTask().Bounded();

        Assert.Equal(ErrorCondition.ConnectionForced, (await first.Closed.Bounded()).Error?.Condition);
        Assert.Equal(ErrorCondition.ConnectionForced, (await second.Closed.Bounded()).Error?.Condition);
        Assert.Equal(CloseInitiator.Remote, (await sender.Closed.Bounded()).Initiator);
    }

    [Fact]
    public async Task Stop_Twice_AndAtOnce_IsOne()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        await fixture.ConnectAsync();

        await Task.WhenAll(fixture.Broker.StopAsync(BrokerFixture.Token).AsTask(), fixture.Broker.StopAsync(BrokerFixture.Token).AsTask(), fixture.Broker.DisposeAsync().AsTask()).Bounded();
        await fixture.Broker.DisposeAsync();
    }

    [Fact]
    public async Task Stop_FreesTheAddress()
    {
        await using (MessageBroker first = await MessageBroker.StartAsync("inproc://stop-frees", BrokerFixture.Token))
            Assert.Equal("inproc://stop-frees", first.Url);

        await using MessageBroker second = await MessageBroker.StartAsync("inproc://stop-frees", BrokerFixture.Token);
        Assert.Equal("inproc://stop-frees", second.Url);
    }

    [Fact]
    public async Task Stop_InTheMiddleOfTraffic_EndsEveryCall()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options => options.QueueCapacity = 100);
        IConnection connection = await fixture.Client.ConnectAsync(OneAttempt(fixture), BrokerFixture.Token);
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        Task[] sends = [.. Enumerable.Range(0, 500).Select(i => sender.SendAsync(new Message(i), BrokerFixture.Token).AsTask())];
        int count = 0;
        Task receiving = Task.Run(
            async () =>
            {
                await foreach (IDelivery delivery in receiver.ReceiveAllAsync(BrokerFixture.Token))
                    count++;
            },
            BrokerFixture.Token);
        await Until.TrueAsync(() => Volatile.Read(ref count) > 0, () => "nothing was received");

        await fixture.Broker.StopAsync(BrokerFixture.Token).AsTask().Bounded();

        await Assert.ThrowsAnyAsync<MessagingException>(() => receiving.Bounded());
        await Task.WhenAll(sends.Select(send => send.ContinueWith(_ => { }, TaskScheduler.Default))).Bounded();
    }

    [Fact]
    public async Task PeerThatVanishes_LeavesTheBrokerWorking()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        IConnection connection = await fixture.ConnectAsync();
        for (int i = 0; i < 10; i++)
        {
            await using var proxy = new FaultProxy(fixture.Broker.Url);
            await using var client = new MessagingClient();
            IConnection lost = await client.ConnectAsync(new ConnectionOptions { Url = proxy.Url, Reconnect = false }, BrokerFixture.Token);
            ISender sender = await lost.CreateSenderAsync("q", BrokerFixture.Token);
            IReceiver receiver = await lost.CreateReceiverAsync("q", BrokerFixture.Token);
            Task<IDelivery> receiving = receiver.ReceiveAsync(BrokerFixture.Token).AsTask();
            Task sending = sender.SendAsync(new Message("lost"), BrokerFixture.Token).AsTask();
            proxy.DropAll();
            _ = receiving.ContinueWith(task => task.Exception, TaskScheduler.Default);
            _ = sending.ContinueWith(task => task.Exception, TaskScheduler.Default);
        }

        await using IReceiver last = await connection.CreateReceiverAsync("other", BrokerFixture.Token);
        await BrokerFixture.SendAsync(connection, "other", "alive");

        Assert.Equal("alive", (await BrokerFixture.ReceiveAsync(last)).Message.Body);
    }

    private static ConnectionOptions OneAttempt(BrokerFixture fixture) => new() { Url = fixture.Broker.Url, Reconnect = false };
}
