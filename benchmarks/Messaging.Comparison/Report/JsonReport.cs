using System.Text.Json;

namespace Comparison.Report;

/// <summary>Everything, for later comparison: machine, options, medians and each round.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task WriteAsync(string file, Options options, Machine machine, IEnumerable<Measure> measures, Results results)
    {
        var report = new
        {
            machine,
            rounds = options.MeasuredRounds,
            roundSeconds = options.RoundDuration.TotalSeconds,
            measures = measures.Select(measure => new
            {
                measure.Name,
                measure.Unit,
                ours = results.Median(measure, Contenders.Ours),
                amqpNetLite = results.Median(measure, Contenders.NetLite),
                ratio = results.Ratio(measure),
            }),
            raw = results.Rounds.Select(entry => new { entry.Key.Workload, entry.Key.Contender, rounds = entry.Value }),
        };
        await using FileStream stream = File.Create(file);
        await JsonSerializer.SerializeAsync(stream, report, Format);
    }
}
