using System.Reflection;
using System.Runtime.InteropServices;

namespace Comparison.Report;

/// <summary>Where the numbers come from: without it they mean nothing.</summary>
internal sealed record Machine(string Processor, int LogicalProcessors, double MemoryGiB, string OperatingSystem, string Runtime, string AmqpNetLite, string Date)
{
    public static Machine Describe() => new(
        ProcessorName(),
        Environment.ProcessorCount,
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1L << 30), 1),
        RuntimeInformation.OSDescription,
        RuntimeInformation.FrameworkDescription,
        NetLiteVersion(),
        DateTimeOffset.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", System.Globalization.CultureInfo.InvariantCulture));

    private static string ProcessorName()
    {
        const string CpuInfo = "/proc/cpuinfo";
        string? line = File.Exists(CpuInfo)
            ? File.ReadLines(CpuInfo).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static string NetLiteVersion() =>
        typeof(Amqp.Connection).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version ?? "?";
}
