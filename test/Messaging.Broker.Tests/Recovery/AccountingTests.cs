using Messaging.Amqp;
using Messaging.Testing.Accounting;
using Messaging.Testing.Proxy;

namespace Messaging.Broker.Tests.Recovery;

/// <summary>Producers and consumers on connections that die again and again, at random places of the protocol: the books must balance.</summary>
/// <remarks>A few seconds each; CHAOS_SECONDS makes it a soak, CHAOS_SEED repeats one.</remarks>
public class AccountingTests
{
    private const int Producers = 4;
    private const int Consumers = 4;
    private const int InFlight = 20;

    /// <summary>The least that must have happened, however slow the machine is.</summary>
    private const int LeastFaults = 30;

    private static TimeSpan Duration { get; } = TimeSpan.FromSeconds(
        Environment.GetEnvironmentVariable("CHAOS_SECONDS") is { } seconds ? int.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture) : 3);

    [Theory]
    [InlineData(ConnectionLossBehavior.Resend)]
    [InlineData(ConnectionLossBehavior.Surface)]
    [InlineData(ConnectionLossBehavior.Resume)]
    public async Task ConnectionsDieAtRandom_NothingThatWasConfirmedIsLost(ConnectionLossBehavior behavior)
    {
        var journal = new Journal(Seed.Next());
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options =>
        {
            options.QueueCapacity = 2000; // the producers wait for the consumers
            options.Listener.IdleTimeout = TimeSpan.FromSeconds(1); // ends what a black hole has swallowed
            options.Listener.HandshakeTimeout = TimeSpan.FromSeconds(3);
        });
        FaultPlan plan = Plan(journal.Seed);
        await using var proxy = new FaultProxy(fixture.Broker.Url) { Connecting = plan.Arm };
        await using var client = new MessagingClient();
        await using IConnection sending = await client.ConnectAsync(Options(proxy), BrokerFixture.Token).AsTask().Bounded();
        await using IConnection receiving = await client.ConnectAsync(Options(proxy), BrokerFixture.Token).AsTask().Bounded();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BrokerFixture.Token);
        Task consuming = Task.WhenAll(Enumerable.Range(0, Consumers).Select(_ => ConsumeAsync(receiving, journal, stop.Token)));

        using var time = new CancellationTokenSource(Duration);
        Task producing = Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => ProduceAsync(sending, behavior, journal, () => !time.IsCancellationRequested || plan.Happened < LeastFaults)));
        await Task.WhenAny(producing, consuming).Unwrap().WhileItGoesOn(() => plan.Happened + journal.Sent, () => $"{journal.Report()}; {plan}");
        plan.Stop(); // from here on it is a matter of time until everything is received
        await Until.TrueAsync(() => fixture.Broker.GetQueueDepth("q") == 0, () => $"{journal.Report().Line}; {fixture.Broker.GetQueueDepth("q")} in the queue; {plan}");
        await stop.CancelAsync();
        await consuming.Bounded();

        JournalReport report = journal.Report();
        TestContext.Current.TestOutputHelper?.WriteLine($"{plan.Happened} faults: {report.Line}");
        AssertBalanced(report, behavior);
    }

    private static void AssertBalanced(JournalReport report, ConnectionLossBehavior behavior)
    {
        report.AssertAtLeastOnce();
        Assert.Equal(report.Sent, report.Accepted + report.Failed + report.Unknown);
        Assert.True(report.Unmarked == 0, $"Duplicates that nothing gives away: {report}");
        if (behavior == ConnectionLossBehavior.Surface)
        {
            Assert.True(report.Unknown > 0, $"No send ended in doubt: {report}");
            Assert.True(report.Resent == 0, $"It was not to be sent again: {report}");
            return;
        }

        Assert.True(report.Sent == report.Accepted, $"A send failed: {report}");
        Assert.True(report.Resent > 0 == (behavior == ConnectionLossBehavior.Resend), $"Only what is not resumed is sent again: {report}");
    }

    /// <summary>Mostly quick deaths: a black hole takes its time to be noticed.</summary>
    private static FaultPlan Plan(int seed) => new(
        seed,
        Fault.Drop,
        Fault.Reset,
        Fault.HalfCloseToServer,
        Fault.HalfCloseToClient,
        Fault.Drop,
        Fault.Reset,
        Fault.HalfCloseToServer,
        Fault.HalfCloseToClient,
        Fault.Drop,
        Fault.Reset,
        Fault.Swallow)
    {
        FewestFrames = 1,
        MostFrames = 400,
    };

    private static ConnectionOptions Options(FaultProxy proxy) => new()
    {
        Url = proxy.Url,
        IdleTimeout = TimeSpan.FromSeconds(1),
        HandshakeTimeout = TimeSpan.FromSeconds(3),
        Recovery = new RecoveryOptions { InitialDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(5), StablePeriod = TimeSpan.Zero },
    };

    private static async Task ProduceAsync(IConnection connection, ConnectionLossBehavior behavior, Journal journal, Func<bool> goesOn)
    {
        await using ISender sender = await BrokerFixture.RetryAsync(() => connection.CreateSenderAsync("q", new SenderOptions { OnConnectionLoss = behavior }, BrokerFixture.Token));
        var running = new Queue<Task>();
        while (goesOn())
        {
            running.Enqueue(SendAsync(sender, journal));
            if (running.Count >= InFlight)
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
            try
            {
                Assert.IsType<Accepted>(await delivery.Outcome);
            }
            finally
            {
                journal.Attempts(id, delivery.Attempts);
            }
        });
    }

    /// <summary>Receives and settles, so that it is known when a settlement has reached the broker: that message must not come again.</summary>
    private static async Task ConsumeAsync(IConnection connection, Journal journal, CancellationToken stop)
    {
        await using IReceiver receiver = await BrokerFixture.RetryAsync(
            () => connection.CreateReceiverAsync("q", new ReceiverOptions { SettleMode = ReceiverSettleMode.Second }, stop));
        while (true)
        {
            try
            {
                using IDelivery delivery = await receiver.ReceiveAsync(stop);
                long id = (long)delivery.Message.Body!;
                journal.Consumed(id, delivery.Message.DeliveryCount, settled: false);
                await delivery.AcceptAsync(stop);
                journal.Settled(id);
            }
            catch (MessagingException exception) when (exception.IsTransient || exception is DeliveryLostException)
            {
                // It comes again, unless the broker has seen the settlement.
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
