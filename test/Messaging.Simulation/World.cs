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
    public static async Task<string> RunAsync(int seed, int index, InterleavingSums sums, Leftovers leftovers, TextWriter? trace)
    {
        Random random = Seed.Random(seed, ~index);
        using var schedule = new SeededSchedule(random, trace);
        MessageBroker broker = leftovers.Watch(index, await MessageBroker.StartAsync(BrokerOptions($"inproc://broker-{index}", schedule.Time, random)));
        var client = new MessagingClient(new MessagingClientOptions { TimeProvider = schedule.Time });
        SimulatedNetwork network = schedule.Network = await SimulatedNetwork.StartAsync($"network-{index}", broker.Url, random);
        ConnectionOptions options = Options(network.Url, random);
        await RandomOperations.RunAsync(
            new InterleavingSetup
            {
                Connect = async stop => leftovers.Watch(index, await client.ConnectAsync(options, stop)),
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

    /// <summary>Every third broker has hardly any room, so that credit is rare.</summary>
    private static BrokerOptions BrokerOptions(string url, TimeProvider time, Random random)
    {
        var options = new BrokerOptions { Url = url, TimeProvider = time, MaxKeptLinks = random.Next(1, 10) };
        if (random.Next(3) == 0)
            options.QueueCapacity = random.Next(1, 10);
        options.Listener.MaxFrameSize = FrameSize(random);
        options.Listener.IdleTimeout = TimeSpan.FromSeconds(random.Next(5, 20));
        return options;
    }

    private static int FrameSize(Random random) => random.Next(2) == 0 ? random.Next(1000, 10_000) : 65_536;

    private static ConnectionOptions Options(string url, Random random) => new()
    {
        Url = url,
        MaxFrameSize = FrameSize(random),
        IdleTimeout = TimeSpan.FromSeconds(random.Next(5, 20)),
        MaxPendingSends = random.Next(3) == 0 ? random.Next(1, 5) : 10_000,
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
