using Messaging.Broker;
using Messaging.Testing;
using Messaging.Testing.Interleaving;

namespace Messaging.Simulation;

/// <summary>Random calls, cancellations and faults: every call ends in time, with what it may throw, and no message is lost.</summary>
internal sealed class Interleavings(int seed, TextWriter? trace)
{
    private static readonly TimeSpan OperationTimeout = TimeSpan.FromSeconds(20);

    private readonly InterleavingSums _sums = new();
    private readonly Leftovers _leftovers = new();

    public async Task RunAsync(int first, int count)
    {
        for (int index = first; index < first + count; index++)
            Console.WriteLine($"{index} {await RunAsync(index)}");
        _leftovers.AssertNone(last: first + count - 1);
        Console.WriteLine(_sums);
    }

    /// <summary>Runs one interleaving.</summary>
    /// <returns>What tells it from every other.</returns>
    private async Task<string> RunAsync(int index)
    {
        Random random = Seed.Random(seed, ~index);
        World world = await World.StartAsync(random, trace, options => Configure(options, random));
        _leftovers.Watch(index, world.Broker);
        ConnectionOptions options = Options(world.Network.Url, random);
        await RandomOperations.RunAsync(
            new InterleavingSetup
            {
                Connect = async stop => _leftovers.Watch(index, await world.Client.ConnectAsync(options, stop)),
                ConnectDirectly = stop => world.Client.ConnectAsync(world.Broker.Url, stop),
                Drop = _ => world.Harm(),
                Address = _ => "queue",
                Schedule = world.Schedule,
                OperationTimeout = OperationTimeout,
                Bound = OperationTimeout,
                CloseDeadline = TimeSpan.FromSeconds(random.Next(6)),
                ReturnBound = TimeSpan.FromMinutes(2),
            },
            seed,
            count: 1,
            first: index,
            _sums);
        string digest = world.Schedule.Digest;
        await world.StopAsync();
        return digest;
    }

    /// <summary>Every third broker has hardly any room, so that credit is rare.</summary>
    private static void Configure(BrokerOptions options, Random random)
    {
        options.MaxKeptLinks = random.Next(1, 10);
        if (random.Next(3) == 0)
            options.QueueCapacity = random.Next(1, 10);
        options.Listener.MaxFrameSize = FrameSize(random);
        options.Listener.IdleTimeout = TimeSpan.FromSeconds(random.Next(5, 20));
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
