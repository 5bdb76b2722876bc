using Messaging.Tests.Support;

namespace Messaging.Tests.Robustness;

/// <summary>What the bad inputs cost the listener, measured alone: time, CPU and memory have bounds for each.</summary>
[Collection(nameof(Alone))]
public sealed class BadInputCostTests(ITestOutputHelper output)
{
    /// <summary>The cost of an input is its least: the just-in-time compiler and the collector work in the same process.</summary>
    private const int Rounds = 10;

    private static readonly TimeSpan MostCpu = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);
    private const long MostBytes = 64L * 1024 * 1024;

    [Fact]
    public async Task Listener_EachBadInput_StaysWithinTimeCpuAndMemory()
    {
        await using TestPair pair = await TestPair.ListenAsync(tcp: true);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(BoundedWaits.Stop);
        List<IConnection> accepted = [];
        Task serving = AttackedListener.ServeAsync(pair.Listener, accepted, stop.Token);
        List<string> tooMuch = [];

        foreach (BadInput input in BadInputListenerTests.All)
        {
            await MeasureAsync(pair, input); // to warm up
            Cost cost = await MeasureAsync(pair, input);
            for (int round = 1; round < Rounds && cost.IsTooMuch; round++)
                cost = cost.Best(await MeasureAsync(pair, input));
            output.WriteLine($"{input}: {cost}");
            if (cost.IsTooMuch)
                tooMuch.Add($"{input}: {cost}");
        }

        Assert.Empty(tooMuch);
        await stop.CancelAsync();
        await serving.Bounded();
        await Task.WhenAll(accepted.Select(connection => connection.DisposeAsync().AsTask())).Bounded();
    }

    /// <summary>From the bad bytes to the reaction; the raw peer's own share is in it.</summary>
    private static async Task<Cost> MeasureAsync(TestPair pair, BadInput input)
    {
        await using RawPeer peer = await RawPeer.ConnectAsync(pair.Listener.Url);
        await AttackedListener.ReachAsync(peer, input.Stage);
        long bytes = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = TimeProvider.System.GetTimestamp();

        await peer.SendRawAsync(input.Bytes);
        string reaction = await Reaction.ReadAsync(peer, input);

        var cost = new Cost(TimeProvider.System.GetElapsedTime(start), Environment.CpuUsage.TotalTime - cpu, GC.GetTotalAllocatedBytes(precise: true) - bytes);
        Assert.Contains(reaction, input.Reactions, StringComparer.Ordinal);
        return cost;
    }

    private sealed record Cost(TimeSpan Time, TimeSpan Cpu, long Bytes)
    {
        public bool IsTooMuch => Cpu > MostCpu || Time > MostTime || Bytes > MostBytes;

        public Cost Best(Cost other) => new(Time < other.Time ? Time : other.Time, Cpu < other.Cpu ? Cpu : other.Cpu, Math.Min(Bytes, other.Bytes));

        public override string ToString() => $"{Time.TotalMilliseconds:F1} ms, {Cpu.TotalMilliseconds:F1} ms CPU, {Bytes / 1024} KiB";
    }
}
