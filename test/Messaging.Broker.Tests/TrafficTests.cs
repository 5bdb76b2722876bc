using System.Collections.Concurrent;

namespace Messaging.Broker.Tests;

public sealed class TrafficTests
{
    [Theory]
    [InlineData("inproc://traffic")]
    [InlineData("amqp://127.0.0.1:0")]
    public async Task ManyProducersAndConsumers_LoseAndDoubleNothing(string url)
    {
        const int Producers = 50;
        const int Consumers = 50;
        const int Each = 200;
        await using BrokerFixture fixture = await BrokerFixture.StartAsync(url, options => options.QueueCapacity = 500);
        IConnection[] connections = [await fixture.ConnectAsync(), await fixture.ConnectAsync(), await fixture.ConnectAsync(), await fixture.ConnectAsync()];
        var taken = new ConcurrentDictionary<int, int>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(BrokerFixture.Token);
        Task[] consuming = [.. Enumerable.Range(0, Consumers).Select(i => ConsumeAsync(connections[i % 4], i, taken, Producers * Each, done))];
        Task[] producing = [.. Enumerable.Range(0, Producers).Select(i => ProduceAsync(connections[i % 4], i * Each, Each))];

        await Task.WhenAll(producing).WaitAsync(TimeSpan.FromSeconds(60), BrokerFixture.Token);
        await Task.WhenAll(consuming).WaitAsync(TimeSpan.FromSeconds(60), BrokerFixture.Token);

        Assert.Equal(Producers * Each, taken.Count);
        Assert.All(taken.Values, times => Assert.Equal(1, times));
        await fixture.WaitForDepthAsync("q", 0);
    }

    [Fact]
    public async Task ReleasingConsumers_LoseAndDoubleNothing()
    {
        const int Count = 2000;
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        IConnection connection = await fixture.ConnectAsync();
        var taken = new ConcurrentDictionary<int, int>();
        using var done = CancellationTokenSource.CreateLinkedTokenSource(BrokerFixture.Token);
        Task[] consuming = [.. Enumerable.Range(0, 8).Select(i => ReleaseSomeAsync(connection, i, taken, Count, done))];

        await ProduceAsync(connection, 0, Count);
        await Task.WhenAll(consuming).WaitAsync(TimeSpan.FromSeconds(60), BrokerFixture.Token);

        Assert.Equal(Count, taken.Count);
        Assert.All(taken.Values, times => Assert.Equal(1, times));
        await fixture.WaitForDepthAsync("q", 0);
    }

    private static async Task ProduceAsync(IConnection connection, int first, int count)
    {
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await Task.WhenAll(Enumerable.Range(first, count).Select(i => sender.SendAsync(new Message(i), BrokerFixture.Token).AsTask()));
    }

    private static async Task ConsumeAsync(IConnection connection, int window, ConcurrentDictionary<int, int> taken, int total, CancellationTokenSource done)
    {
        await using IReceiver receiver = await connection.CreateReceiverAsync(
            new ReceiverOptions { Source = new() { Address = "q" }, CreditWindow = 1 + window }, BrokerFixture.Token);
        try
        {
            await foreach (IDelivery delivery in receiver.ReceiveAllAsync(done.Token))
            {
                taken.AddOrUpdate((int)delivery.Message.Body!, 1, (_, times) => times + 1);
                await delivery.AcceptAsync(BrokerFixture.Token);
                if (taken.Count == total)
                    await done.CancelAsync();
            }
        }
        catch (OperationCanceledException) when (taken.Count == total)
        {
            // Everything has come.
        }
    }

    private static async Task ReleaseSomeAsync(IConnection connection, int seed, ConcurrentDictionary<int, int> taken, int total, CancellationTokenSource done)
    {
        var random = new Random(seed);
        try
        {
            while (true)
            {
                await using IReceiver receiver = await connection.CreateReceiverAsync("q", done.Token);
                int left = random.Next(50, 200);
                await foreach (IDelivery delivery in receiver.ReceiveAllAsync(done.Token))
                {
                    if (left-- == 0)
                    {
                        await delivery.ReleaseAsync(BrokerFixture.Token);
                        break;
                    }

                    if (random.Next(3) > 0)
                    {
                        await (random.Next(2) == 0 ? delivery.ReleaseAsync(BrokerFixture.Token) : delivery.ModifyAsync(true, false, BrokerFixture.Token));
                        continue;
                    }

                    taken.AddOrUpdate((int)delivery.Message.Body!, 1, (_, times) => times + 1);
                    await delivery.AcceptAsync(BrokerFixture.Token);
                    if (taken.Count == total)
                        await done.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException) when (taken.Count == total)
        {
            // Everything has come.
        }
    }
}
