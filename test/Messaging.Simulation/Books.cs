using Messaging.Testing;
using Messaging.Testing.Accounting;
using Xunit;

namespace Messaging.Simulation;

/// <summary>Producers and consumers on connections that die at random, with each behaviour on a lost connection: the books must balance.</summary>
internal sealed class Books(int seed, TextWriter? trace)
{
    private const int Producers = 4;
    private const int Consumers = 4;
    private const string Queue = "q";
    private const long MostGrowth = 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public async Task RunAsync(int faults)
    {
        foreach (ConnectionLossBehavior behavior in Enum.GetValues<ConnectionLossBehavior>())
            Console.WriteLine($"{behavior}: {await RunAsync(behavior, faults)}");
    }

    private async Task<string> RunAsync(ConnectionLossBehavior behavior, int faults)
    {
        Random random = Seed.Random(seed, (int)behavior);
        World world = await World.StartAsync(random, trace, static options =>
        {
            options.QueueCapacity = 2000; // the producers wait for the consumers
            options.Listener.IdleTimeout = TimeSpan.FromSeconds(5);
        });
        using var stop = new CancellationTokenSource();
        var journal = new Journal(seed);
        var traffic = new Traffic(journal, Queue, stop.Token);
        IConnection sending = await ConnectAsync(world, random);
        IConnection receiving = await ConnectAsync(world, random);
        bool goesOn = true;
        Task[] producing = Begin(world, Producers, () => traffic.ProduceAsync(sending, behavior, () => goesOn));
        Task[] consuming = Begin(world, Consumers, () => traffic.ConsumeAsync(receiving, stop.Token));

        await HarmAsync(world, random, faults / 4);
        long before = MemoryBeside(journal);
        await HarmAsync(world, random, faults - (faults / 4));
        long growth = MemoryBeside(journal) - before;
        Assert.True(growth < MostGrowth, $"{behavior}: the memory grew by {growth:N0} bytes");

        goesOn = false;
        await world.Schedule.UntilAsync(Task.WhenAll(producing), Patience);
        await world.Schedule.UntilAsync(EmptyAsync(world), Patience);
        await stop.CancelAsync();
        await world.Schedule.UntilAsync(Task.WhenAll(consuming), Patience);
        JournalReport report = journal.Report();
        Traffic.AssertBalanced(report, behavior);
        string digest = world.Schedule.Digest;
        await world.StopAsync();
        return $"{digest} {faults} faults: {report.Line}";
    }

    private static async Task HarmAsync(World world, Random random, int faults)
    {
        for (int i = 0; i < faults; i++)
        {
            await world.Schedule.TurnsAsync(random.Next(2000));
            world.Harm();
        }
    }

    /// <summary>What is in use, without the books themselves: eight bytes for a message.</summary>
    private static long MemoryBeside(Journal journal) => GC.GetTotalMemory(forceFullCollection: true) - (8 * journal.Sent);

    private static async Task<IConnection> ConnectAsync(World world, Random random)
    {
        Task<IConnection> connecting = world.Client.ConnectAsync(new ConnectionOptions
        {
            Url = world.Network.Url,
            IdleTimeout = TimeSpan.FromSeconds(5),
            Recovery = { JitterSeed = random.Next(), InitialDelay = TimeSpan.FromMilliseconds(1), MaxDelay = TimeSpan.FromMilliseconds(5), StablePeriod = TimeSpan.Zero },
        }).AsTask();
        await world.Schedule.UntilAsync(connecting, Patience);
        return await connecting;
    }

    private static Task[] Begin(World world, int count, Func<Task> work)
    {
        var tasks = new Task[count];
        for (int i = 0; i < count; i++)
        {
            int own = i;
            world.Schedule.Begin(() => tasks[own] = work());
        }

        return tasks;
    }

    private static async Task EmptyAsync(World world)
    {
        while (world.Broker.GetQueueDepth(Queue) > 0)
            await world.Schedule.Time.PassAsync(TimeSpan.FromMilliseconds(100), CancellationToken.None);
    }
}
