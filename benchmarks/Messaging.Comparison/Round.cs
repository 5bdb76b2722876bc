using System.Text.Json.Serialization;

namespace Comparison;

/// <summary>What one round measured.</summary>
internal sealed record Round(long Messages, TimeSpan Elapsed, long AllocatedBytes, TimeSpan ClientCpu)
{
    /// <summary>Processor time of the peer in the whole round, set by the runner.</summary>
    public TimeSpan PeerCpu { get; init; }

    /// <summary>Round-trip times in microseconds, sorted; empty where only the rate matters.</summary>
    [JsonIgnore]
    public double[] Latencies { get; init; } = [];

    public double PerSecond => Messages / Elapsed.TotalSeconds;

    public double AllocatedPerMessage => (double)AllocatedBytes / Messages;

    public double P50 => Percentile(0.50);

    public double P99 => Percentile(0.99);

    private double Percentile(double share) => Latencies.Length == 0 ? 0 : Latencies[(int)((Latencies.Length - 1) * share)];
}
