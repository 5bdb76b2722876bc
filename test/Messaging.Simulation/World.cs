using Messaging.Broker;
using Messaging.Testing;
using Messaging.Testing.Interleaving;
using Messaging.Testing.Simulation;

namespace Messaging.Simulation;

/// <summary>A broker, a client, a network and a clock for one interleaving: it depends on the seed and its number alone.</summary>
internal static class World
{
    private static readonly TimeSpan OperationTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Runs one interleaving.</summary>
    /// <returns>What tells it from every other.</returns>
    public static async Task<string> RunAsync(int seed, int index, InterleavingSums sums, TextWriter? trace)
    {
        Random random = Seed.Random(seed, ~index);
        using var schedule = new SeededSchedule(random, trace);
        var brokerOptions = new BrokerOptions { Url = $"inproc://broker-{index}", TimeProvider = schedule.Time };
        MessageBroker broker = await MessageBroker.StartAsync(brokerOptions);
        var client = new MessagingClient(new MessagingClientOptions { TimeProvider = schedule.Time });
        SimulatedNetwork network = schedule.Network = await SimulatedNetwork.StartAsync($"network-{index}", broker.Url, random);
        ConnectionOptions options = Options(network.Url, random);
        await RandomOperations.RunAsync(
            new InterleavingSetup
            {
                Connect = stop => client.ConnectAsync(options, stop),
                ConnectDirectly = stop => client.ConnectAsync(broker.Url, stop),
                Drop = _ => schedule.Note(network.Harm()),
                Address = _ => "queue",
                Schedule = schedule,
                OperationTimeout = OperationTimeout,
                Bound = OperationTimeout,
                CloseDeadline = TimeSpan.FromSeconds(random.Next(6)),
                ReturnBound = TimeSpan.FromMinutes(2),
            },
            seed,
            count: 1,
            first: index,
            sums);
        await schedule.UntilAsync(client.DisposeAsync().AsTask(), OperationTimeout);
        await schedule.UntilAsync(broker.DisposeAsync().AsTask(), OperationTimeout);
        await network.StopAsync();
        return schedule.Digest;
    }

    private static ConnectionOptions Options(string url, Random random) => new()
    {
        Url = url,
        Reconnect = random.Next(4) != 0,
        OperationTimeout = OperationTimeout,
        Recovery = { JitterSeed = random.Next(), StablePeriod = TimeSpan.FromSeconds(random.Next(1, 4)) },
        Watchdog = new WatchdogOptions
        {
            SenderWithoutCredit = TimeSpan.FromSeconds(2),
            ReceiverSilence = TimeSpan.FromSeconds(2),
            Reattach = random.Next(2) == 0,
        },
    };
}
