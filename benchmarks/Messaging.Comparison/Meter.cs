using System.Diagnostics;

namespace Comparison;

/// <summary>Started when the links stand, stopped before they are closed: neither is part of what is measured.</summary>
internal sealed class Meter
{
    private readonly long _allocated;
    private readonly TimeSpan _cpu;
    private readonly long _start;
    private readonly long _deadline;

    private Meter(TimeSpan duration)
    {
        _allocated = GC.GetTotalAllocatedBytes(precise: true);
        _cpu = Environment.CpuUsage.TotalTime;
        _start = Stopwatch.GetTimestamp();
        _deadline = _start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
    }

    public bool IsOver => Stopwatch.GetTimestamp() >= _deadline;

    public static Meter Start(RoundSpec spec) => new(spec.Duration);

    public Round Stop(long messages)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
        TimeSpan cpu = Environment.CpuUsage.TotalTime - _cpu;
        return new Round(messages, elapsed, GC.GetTotalAllocatedBytes(precise: true) - _allocated, cpu);
    }
}
