using Comparison.Report;

namespace Comparison;

internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        Options options;
        try
        {
            options = Options.Parse(args);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync($"{e.Message}\n\n{Options.Usage}");
            return 2;
        }

        try
        {
            using PeerProcess peer = PeerProcess.Start();
            Results results = await new Runner(options, Contenders.For(options), peer).RunAsync();
            await WriteReportsAsync(options, results);
            return 0;
        }
        catch (InvalidOperationException e)
        {
            await Console.Error.WriteLineAsync(options.Verbose ? e.ToString() : e.Message);
            return 1;
        }
    }

    private static async Task WriteReportsAsync(Options options, Results results)
    {
        var machine = Machine.Describe();
        Measure[] measures = [.. Measure.All.Where(options.Includes)];
        if (options.JsonFile is { } file)
        {
            await JsonReport.WriteAsync(file, options, machine, measures, results);
        }
        Console.WriteLine(options.Markdown
            ? MarkdownReport.Render(options, machine, measures, results)
            : TextReport.Render(measures, results));
        Console.Write(RatioLines.Render(measures, results)); // last: scripts read the end of the output
    }
}
