using System.Globalization;
using System.Text;

namespace Comparison.Report;

/// <summary>The table for <c>docs/performance.md</c>, with the machine under it.</summary>
internal static class MarkdownReport
{
    public static string Render(Options options, Machine machine, IEnumerable<Measure> measures, Results results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"| measure (median) | unit | {Contenders.Ours} | {Contenders.NetLite} | ratio |\n");
        text.Append("|---|---|---:|---:|---:|\n");
        foreach (Measure measure in measures)
        {
            string ours = Cells.Value(results.Median(measure, Contenders.Ours));
            string netLite = Cells.Value(results.Median(measure, Contenders.NetLite));
            text.Append(CultureInfo.InvariantCulture, $"| {measure.Name} | {measure.Unit} | {ours} | {netLite} | {Cells.Ratio(results.Ratio(measure))} |\n");
        }
        text.Append(CultureInfo.InvariantCulture, $"""

            {options.MeasuredRounds} alternating rounds of {options.RoundDuration.TotalSeconds} s each, {machine.Date}.
            {machine.Processor}, {machine.LogicalProcessors} logical processors, {machine.MemoryGiB} GiB; {machine.OperatingSystem}; {machine.Runtime}; AMQPNetLite {machine.AmqpNetLite}.

            """);
        return text.ToString();
    }
}
