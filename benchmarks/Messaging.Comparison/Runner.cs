using System.Globalization;

namespace Comparison;

/// <summary>Runs the rounds: the sides take turns, and who begins changes every round.</summary>
internal sealed class Runner(Options options, IReadOnlyList<IContender> contenders, PeerProcess peer)
{
    private static readonly TimeSpan HangLimit = TimeSpan.FromSeconds(30);

    private readonly HashSet<(string Contender, WorkloadKind Kind)> _warm = [];
    private readonly Results _results = new();

    public async Task<Results> RunAsync()
    {
        foreach (Workload workload in Workload.All.Where(IsWanted))
        {
            foreach (IContender contender in contenders)
            {
                TimeSpan warmUp = _warm.Add((contender.Name, workload.Kind)) ? options.FirstWarmUp : options.WarmUp;
                await RunRoundAsync(workload, contender, warmUp);
            }
            for (int round = 0; round < options.MeasuredRounds; round++)
            {
                await RunAlternatelyAsync(workload, round);
            }
        }
        return _results;
    }

    private bool IsWanted(Workload workload) =>
        Measure.All.Any(measure => options.Includes(measure) && string.Equals(measure.Workload, workload.Name, StringComparison.Ordinal));

    private async Task RunAlternatelyAsync(Workload workload, int number)
    {
        IEnumerable<IContender> order = number % 2 == 0 ? contenders : contenders.Reverse();
        foreach (IContender contender in order)
        {
            Round round = await RunRoundAsync(workload, contender, options.RoundDuration);
            _results.Add(workload.Name, contender.Name, round);
            ShowProgress(workload, contender, number, round);
        }
    }

    private async Task<Round> RunRoundAsync(Workload workload, IContender contender, TimeSpan duration)
    {
        // Nobody pays for the other's garbage.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TimeSpan peerCpu = peer.CpuTime;
        try
        {
            Round round = await workload.RunAsync(contender, peer.Port, duration).WaitAsync(duration + HangLimit);
            if (round.Messages == 0)
            {
                throw new InvalidOperationException("not one message in the whole round");
            }
            return round with { PeerCpu = peer.CpuTime - peerCpu };
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"{workload.Name} with {contender.Name} failed: {e.Message}", e);
        }
    }

    private void ShowProgress(Workload workload, IContender contender, int number, Round round)
    {
        string value = workload.Kind == WorkloadKind.PingPong
            ? string.Create(CultureInfo.InvariantCulture, $"p50 {round.P50:F1} µs, p99 {round.P99:F1} µs")
            : string.Create(CultureInfo.InvariantCulture, $"{round.PerSecond,12:N0} messages/s, {round.AllocatedPerMessage:N0} B/message");
        string cpu = options.Verbose
            ? string.Create(CultureInfo.InvariantCulture, $"; cores busy: client {Share(round.ClientCpu, round):F2}, peer {Share(round.PeerCpu, round):F2}")
            : "";
        Console.Error.WriteLine($"{workload.Name,-18} {number + 1}/{options.MeasuredRounds} {contender.Name,-12} {value}{cpu}");
    }

    private static double Share(TimeSpan cpu, Round round) => cpu / round.Elapsed;
}
