using Messaging.Amqp;
using Messaging.Testing.Accounting;
using Messaging.Testing.Proxy;

namespace Messaging.Broker.Tests.Recovery;

/// <summary>Producers and a consumer on connections that die again and again, at random places of the protocol: the books must balance.</summary>
/// <remarks>A few seconds each; CHAOS_SECONDS makes it a soak, CHAOS_SEED repeats one.</remarks>
public class AccountingTests
{
    private const int Producers = 4;

    private static TimeSpan Duration { get; } = TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("CHAOS_SECONDS") is { } seconds ? int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) : 4);

    [Theory]
    [InlineData(ConnectionLossBehavior.Resend)]
    [InlineData(ConnectionLossBehavior.Surface)]
    [InlineData(ConnectionLossBehavior.Resume)]
    public async Task ConnectionsDieAtRandom_NothingThatWasConfirmedIsLost(ConnectionLossBehavior behavior)
    {
        int seed = Seed.Next();
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        var plan = new FaultPlan(seed, Fault.Drop, Fault.Reset, Fault.HalfCloseToServer, Fault.HalfCloseToClient) { FewestFrames = 1, MostFrames = 400 };
        await using var proxy = new FaultProxy(fixture.Broker.Url) { Connecting = plan.Arm };
        var journal = new Journal(seed);
        await using var client = new MessagingClient();
        ConnectionOptions options = new()
        {
            Url = proxy.Url,
            Recovery = new RecoveryOptions { InitialDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(5), StablePeriod = TimeSpan.Zero },
        };
        await using IConnection sending = await client.ConnectAsync(options, BrokerFixture.Token).AsTask().Bounded();
        await using IConnection receiving = await client.ConnectAsync(options, BrokerFixture.Token).AsTask().Bounded();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BrokerFixture.Token);
        Task consuming = ConsumeAsync(receiving, journal, stop.Token);

        using var time = new CancellationTokenSource(Duration);
        await Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => ProduceAsync(sending, behavior, journal, time.Token))).WaitAsync(Duration + TimeSpan.FromSeconds(60), BrokerFixture.Token);
        await Until.TrueAsync(() => journal.Report().Lost == 0 && fixture.Broker.GetQueueDepth("q") == 0, () => $"{journal.Report().Line}; {fixture.Broker.GetQueueDepth("q")} in the queue; {plan}");
        await stop.CancelAsync();
        await consuming.WaitAsync(TimeSpan.FromSeconds(60), BrokerFixture.Token);

        JournalReport report = journal.Report();
        TestContext.Current.TestOutputHelper?.WriteLine(report.Line);
        Assert.True(plan.Happened > 5, $"Only {plan.Happened} faults happened: {report.Line}");
        Assert.Equal(0, report.Pending);
        report.AssertAtLeastOnce();
        if (behavior == ConnectionLossBehavior.Surface)
            Assert.Equal(report.Sent, report.Accepted + report.Failed + report.Unknown);
        else
            Assert.Equal(report.Sent, report.Accepted);
    }

    private static async Task ProduceAsync(IConnection connection, ConnectionLossBehavior behavior, Journal journal, CancellationToken until)
    {
        await using ISender sender = await connection.CreateSenderAsync("q", new SenderOptions { OnConnectionLoss = behavior }, BrokerFixture.Token);
        var running = new Queue<Task>();
        while (!until.IsCancellationRequested)
        {
            running.Enqueue(SendAsync(sender, journal));
            if (running.Count >= 20)
                await running.Dequeue().Bounded();
        }

        await Task.WhenAll(running).Bounded();
    }

    private static async Task SendAsync(ISender sender, Journal journal)
    {
        long id = journal.Begin();
        await journal.SendAsync(id, async () =>
        {
            ISentDelivery delivery = await sender.SendTrackedAsync(new Message(id), BrokerFixture.Token);
            Outcome outcome = await delivery.Outcome;
            journal.Attempts(id, delivery.Attempts);
            if (outcome is not Accepted)
                throw new InvalidOperationException($"Message {id}: {outcome}");
        });
    }

    private static async Task ConsumeAsync(IConnection connection, Journal journal, CancellationToken stop)
    {
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", stop);
        while (true)
        {
            try
            {
                using IDelivery delivery = await receiver.ReceiveAsync(stop);
                journal.Consumed((long)delivery.Message.Body!, delivery.Message.DeliveryCount, settled: false);
                await delivery.AcceptAsync(stop);
            }
            catch (DeliveryLostException)
            {
                // It comes again.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
