using System.Diagnostics;
using Messaging.Amqp;
using Messaging.Testing.Proxy;

namespace Messaging.Broker.Tests.Recovery;

/// <summary>A connection that is reset again and again under load: what each one has used is given back. Runs alone: it looks at the whole process.</summary>
[Collection(nameof(MemoryTests))]
public sealed class ReconnectStormTests
{
    private const int Warmup = 30;
    private const int Resets = 300;

    [Fact]
    public async Task Storm_OfResets_LeavesHandlesAndThreadsFlat()
    {
        await using BrokerFixture fixture = await BrokerFixture.StartTcpAsync();
        await using var proxy = new FaultProxy(fixture.Broker.Url);
        var options = new ConnectionOptions { Url = proxy.Url };
        options.Recovery.InitialDelay = TimeSpan.FromMilliseconds(1);
        options.Recovery.MaxDelay = TimeSpan.FromMilliseconds(10);
        await using IConnection connection = await fixture.Client.ConnectAsync(options, BrokerFixture.Token).AsTask().Bounded();
        await using ISender sender = await connection.CreateSenderAsync("q", BrokerFixture.Token);
        await using IReceiver receiver = await connection.CreateReceiverAsync("q", BrokerFixture.Token);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BrokerFixture.Token);
        int received = 0;
        Task processing = receiver.ProcessAsync(
            (_, _) =>
            {
                Interlocked.Increment(ref received);
                return default;
            },
            cancellationToken: stop.Token).AsTask();

        await ResetAsync(proxy, sender, Warmup);
        (int handles, int threads, long bytes) = Measure();
        await ResetAsync(proxy, sender, Resets);
        (int handlesAfter, int threadsAfter, long bytesAfter) = Measure();

        await stop.CancelAsync();
        await processing.Bounded();
        TestContext.Current.TestOutputHelper?.WriteLine($"{received} received; handles {handles} to {handlesAfter}, threads {threads} to {threadsAfter}, {bytes:N0} to {bytesAfter:N0} bytes");
        Assert.InRange(proxy.Attempts, Warmup + Resets, int.MaxValue);
        Assert.InRange(handlesAfter, 0, handles + 30); // some are on their way out
        Assert.InRange(threadsAfter, 0, threads + 15);
        // the bytes are told and not judged: the proxy keeps its ended connections, and so do their sockets their buffers
    }

    /// <summary>Resets so often, each time with sends under way, which all arrive.</summary>
    private static async Task ResetAsync(FaultProxy proxy, ISender sender, int count)
    {
        for (int i = 0; i < count; i++)
        {
            int attempts = proxy.Attempts;
            Task<IReadOnlyList<Outcome>> sending = sender.SendBatchAsync(Enumerable.Range(0, 20).Select(n => new Message(n)), BrokerFixture.Token).AsTask();
            proxy.ResetAll();
            Assert.All(await sending.Bounded(), outcome => Assert.IsType<Accepted>(outcome));
            await Until.TrueAsync(() => proxy.Attempts > attempts, () => "it did not connect again");
        }
    }

    private static (int Handles, int Threads, long Bytes) Measure()
    {
        using var process = Process.GetCurrentProcess();
        return (process.HandleCount, process.Threads.Count, GC.GetTotalMemory(forceFullCollection: true));
    }
}
