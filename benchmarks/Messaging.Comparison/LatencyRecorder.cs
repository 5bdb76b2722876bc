using System.Diagnostics;

namespace Comparison;

/// <summary>Round-trip times, kept in memory that is there before the clock runs.</summary>
internal sealed class LatencyRecorder
{
    private readonly long[] _ticks = new long[1_000_000];
    private int _count;

    public int Count => _count;

    public bool IsFull => _count == _ticks.Length;

    public void Add(long startTimestamp) => _ticks[_count++] = Stopwatch.GetTimestamp() - startTimestamp;

    /// <summary>In microseconds, sorted.</summary>
    public double[] ToSorted()
    {
        double[] latencies = Array.ConvertAll(_ticks[.._count], ticks => ticks * 1e6 / Stopwatch.Frequency);
        Array.Sort(latencies);
        return latencies;
    }
}
