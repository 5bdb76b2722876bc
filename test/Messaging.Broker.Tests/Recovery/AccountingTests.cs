using Messaging.Testing.Accounting;
using Messaging.Testing.Proxy;

namespace Messaging.Broker.Tests.Recovery;

/// <summary>Producers and consumers on connections that die again and again, at random places of the protocol: the books must balance.</summary>
/// <remarks>A few seconds each; CHAOS_SECONDS makes it a soak, CHAOS_SEED repeats one.</remarks>
public class AccountingTests
{
    private const int Producers = 4;
    private const int Consumers = 4;

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
        var traffic = new Traffic(journal, "q", BrokerFixture.Token);
        Task consuming = Task.WhenAll(Enumerable.Range(0, Consumers).Select(_ => traffic.ConsumeAsync(receiving, stop.Token)));

        using var time = new CancellationTokenSource(Duration);
        Task producing = Task.WhenAll(Enumerable.Range(0, Producers).Select(_ => traffic.ProduceAsync(sending, behavior, () => !time.IsCancellationRequested || plan.Happened < LeastFaults)));
        await Task.WhenAny(producing, consuming).Unwrap().WhileItGoesOn(() => plan.Happened + journal.Sent, () => $"{journal.Report()}; {plan}");
        plan.Stop(); // from here on it is a matter of time until everything is received
        await Until.TrueAsync(() => fixture.Broker.GetQueueDepth("q") == 0, () => $"{journal.Report().Line}; {fixture.Broker.GetQueueDepth("q")} in the queue; {plan}");
        await stop.CancelAsync();
        await consuming.Bounded();

        JournalReport report = journal.Report();
        TestContext.Current.TestOutputHelper?.WriteLine($"{plan.Happened} faults: {report.Line}");
        Traffic.AssertBalanced(report, behavior);
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
}
