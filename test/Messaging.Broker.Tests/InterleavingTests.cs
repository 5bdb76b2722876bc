using Messaging.Testing.Interleaving;
using Messaging.Testing.Proxy;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Broker.Tests;

/// <summary>Random interleavings of everything an application may do, against the broker: no call outlives its connection, no message is lost.</summary>
public sealed class InterleavingTests(ITestOutputHelper output)
{
    private const int Count = 1000;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Interleavings_OverTcpThatDies_EndEveryCallAndLoseNothing(bool reconnect)
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using var proxy = new FaultProxy(fixture.Broker.Url);

        InterleavingSums sums = await RandomOperations.RunAsync(Setup(fixture, proxy.Url, random => Harm(proxy, random), reconnect), Testing.Seed.Next(), Count);

        output.WriteLine(sums.ToString());
        Assert.True(sums.Drops > Count / 2, sums.ToString());
        await AssertAliveAsync(fixture, sums);
    }

    [Fact]
    public async Task Interleavings_InProcess_EndEveryCallAndLoseNothing()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();

        InterleavingSums sums = await RandomOperations.RunAsync(Setup(fixture, fixture.Broker.Url, drop: null), Testing.Seed.Next(), Count);

        output.WriteLine(sums.ToString());
        await AssertAliveAsync(fixture, sums);
    }

    [Fact]
    public async Task Interleavings_ThatLoseAMessage_SaySoWithTheSeedAndTheCalls()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        await using BrokerFixture wrong = await BrokerFixture.StartAsync();
        var setup = new InterleavingSetup
        {
            Connect = stop => fixture.Client.ConnectAsync(fixture.Broker.Url, stop),
            ConnectDirectly = stop => wrong.Client.ConnectAsync(wrong.Broker.Url, stop),
            Address = index => $"queue-{index}",
            ReturnBound = TimeSpan.Zero, // they never come back
        };

        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => RandomOperations.RunAsync(setup, seed: 5, count: 100));

        Assert.Contains("CHAOS_SEED=5, interleaving", failure.Message, StringComparison.Ordinal);
        Assert.Contains("lost: accepted and never received", failure.Message, StringComparison.Ordinal);
        Assert.Contains("send on", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Interleavings_ThatHang_SaySoWithTheSeed()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartAsync();
        InterleavingSetup setup = Setup(fixture, fixture.Broker.Url, drop: null);
        var time = new FakeTimeProvider();
        var counting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var hanging = new InterleavingSetup
        {
            Connect = setup.Connect,
            ConnectDirectly = _ =>
            {
                counting.TrySetResult();
                return new ValueTask<IConnection>(new TaskCompletionSource<IConnection>().Task);
            },
            Address = setup.Address,
            Schedule = new PoolSchedule(time),
        };

        Task<InterleavingSums> running = RandomOperations.RunAsync(hanging, seed: 5, count: 1);
        await counting.Task.Bounded();
        await Until.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1)); // the bound begins at some moment after the call
                return running.IsCompleted;
            },
            () => "the bound was not kept");

        Exception failure = await Assert.ThrowsAnyAsync<Exception>(() => running);

        Assert.Contains("CHAOS_SEED=5, interleaving 0: connect to count did not come", failure.Message, StringComparison.Ordinal);
    }

    private static InterleavingSetup Setup(BrokerFixture fixture, string url, Action<Random>? drop, bool reconnect = false) => new()
    {
        Connect = stop => fixture.Client.ConnectAsync(new ConnectionOptions { Url = url, Reconnect = reconnect }, stop),
        ConnectDirectly = stop => fixture.Client.ConnectAsync(fixture.Broker.Url, stop),
        Drop = drop,
        Address = index => $"queue-{index}",
    };

    private static void Harm(FaultProxy proxy, Random random)
    {
        Fault[] faults = [Fault.Drop, Fault.Reset, Fault.HalfCloseToClient, Fault.HalfCloseToServer];
        Fault fault = faults[random.Next(faults.Length)];
        proxy.ForAll(connection => connection.Apply(fault));
    }

    /// <summary>Something has happened, and the broker can be stopped: no link of a dead connection is still served.</summary>
    private static async Task AssertAliveAsync(BrokerFixture fixture, InterleavingSums sums)
    {
        Assert.True(sums.Interleavings == Count && sums.Done > sums.Calls / 3 && sums.Accepted > Count && sums.Failed > 0, sums.ToString());
        await fixture.Client.DisposeAsync().AsTask().Bounded();
        await fixture.Broker.StopAsync(BrokerFixture.Token).AsTask().Bounded();
    }
}
