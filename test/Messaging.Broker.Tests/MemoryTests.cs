using System.Diagnostics;

namespace Messaging.Broker.Tests;

/// <summary>Runs alone: other tests' memory would be measured too.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests
{
    [Fact]
    public async Task OneMillionMessages_GoThroughInFlatMemory()
    {
        const int Warmup = 100_000;
        const int Count = 1_000_000;
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync(options => options.QueueCapacity = 10_000);
        IConnection connection = await fixture.ConnectAsync();
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await using IReceiver receiver = await connection.CreateReceiverAsync(
            new ReceiverOptions { Source = new() { Address = "q" }, CreditWindow = 1000 }, BrokerFixture.Token);

        await PassAsync(sender, receiver, Warmup);
        long before = Memory();
        long start = Stopwatch.GetTimestamp();
        await PassAsync(sender, receiver, Count);
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        long grown = Memory() - before;

        TestContext.Current.SendDiagnosticMessage($"{Count / time.TotalSeconds:N0} messages a second, resident set grown by {grown / 1024.0 / 1024:N1} MiB");
        Assert.True(grown < 50L * 1024 * 1024, $"the resident set grew by {grown:N0} bytes");
        await fixture.WaitForDepthAsync("q", 0);
    }

    private static long Memory()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }

    private static async Task PassAsync(ISender sender, IReceiver receiver, int count)
    {
        Task receiving = Task.Run(
            async () =>
            {
                await foreach (IDelivery delivery in receiver.ReceiveAllAsync(count, BrokerFixture.Token))
                    _ = delivery.Settled;
            },
            BrokerFixture.Token);
        var message = new Message(new byte[100]);
        var inFlight = new Queue<ValueTask>();
        for (int i = 0; i < count; i++)
        {
            if (inFlight.Count == 1000)
                await inFlight.Dequeue();
            inFlight.Enqueue(sender.SendAsync(message, BrokerFixture.Token));
        }

        while (inFlight.TryDequeue(out ValueTask send))
            await send;
        await receiving;
    }
}
