using Messaging.Amqp;
using Messaging.Testing.Accounting;
using Messaging.Testing.Proxy;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Broker.Tests;

/// <summary>Links that are resumed after their connection was lost: exactly once, against a broker that keeps their state.</summary>
public class LinkResumeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ConnectionsKilledAtRandom_Producers_ExactlyOnce()
    {
        const int producers = 3;
        const int count = 5000;
        var journal = new Journal(Seed.Next());
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options =>
        {
            options.QueueCapacity = 10_000;
            options.TimeProvider = new FakeTimeProvider(); // no hand-over takes too long, however busy the machine is
        });
        await using var proxy = new FaultProxy(fixture.Broker.Url);
        var plan = new FaultPlan(journal.Seed) { Faults = 100, FewestFrames = 12, MostFrames = 120 };
        proxy.Connecting = plan.Arm;
        await using IConnection direct = await fixture.ConnectAsync();

        Task consuming = ConsumeAsync(direct, journal, producers * count);
        Task producing = Task.WhenAll(Enumerable.Range(0, producers).Select(_ => ProduceAsync(fixture, proxy, journal, count)));
        await Task.WhenAll(producing, consuming).WhileItGoesOn(() => journal.Report().Received, () => $"{journal.Report()}; {plan}");

        TestContext.Current.TestOutputHelper?.WriteLine(plan.ToString());
        journal.Report().AssertExactlyOnce();
        Assert.True(plan.Happened > 10, plan.ToString());
        await fixture.WaitForDepthAsync("q", 0); // a duplicate would be left
    }

    private static async Task ProduceAsync(BrokerFixture fixture, FaultProxy proxy, Journal journal, int count)
    {
        await using IConnection connection = await ConnectAsync(fixture, proxy);
        ISender sender = await Retries.CreateAsync(() => connection.CreateSenderAsync("q", new SenderOptions { OnConnectionLoss = ConnectionLossBehavior.Resume }, Token));
        using var window = new SemaphoreSlim(20);
        var sending = new Task[count];
        for (int i = 0; i < count; i++)
        {
            await window.WaitAsync(Token);
            sending[i] = SendAsync(sender, journal, window);
        }

        await Task.WhenAll(sending);
    }

    private static async Task SendAsync(ISender sender, Journal journal, SemaphoreSlim window)
    {
        long id = journal.Begin();
        await journal.SendAsync(id, async () =>
        {
            ISentDelivery sent = await sender.SendTrackedAsync(new Message(id), Token);
            Assert.IsType<Accepted>(await sent.Outcome);
            journal.Attempts(id, sent.Attempts);
        });
        window.Release();
    }

    private static async Task ConsumeAsync(IConnection connection, Journal journal, int count)
    {
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", Token);
        for (int i = 0; i < count; i++)
        {
            using IDelivery delivery = await receiver.ReceiveAsync(Token);
            await delivery.AcceptAsync(Token);
            journal.Consumed((long)delivery.Message.Body!, delivery.Message.DeliveryCount, settled: true);
        }
    }

    private static Task<IConnection> ConnectAsync(BrokerFixture fixture, FaultProxy proxy)
    {
        var options = new ConnectionOptions { Url = proxy.Url };
        options.Recovery.InitialDelay = TimeSpan.FromMilliseconds(1);
        options.Recovery.MaxDelay = TimeSpan.FromMilliseconds(10);
        options.Recovery.StablePeriod = TimeSpan.FromMilliseconds(1);
        return fixture.Client.ConnectAsync(options, Token).AsTask().Bounded();
    }
}
