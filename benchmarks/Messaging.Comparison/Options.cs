using System.Globalization;

namespace Comparison;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Usage = """
        Messaging.Comparison: this SDK beside AMQPNetLite, in alternating rounds against one peer process.

          --quick            everything within 50 seconds
          --only M[,M]       only these measures (send-100B, pingpong-p50, alloc-recv-100B, …)
          --sdk WHICH        ours, netlite or both (default)
          --callbacks        AMQPNetLite by its callback API, not by the async one that is like ours
          --rounds N         measured rounds for each side (default 9; quick 5)
          --seconds S        length of a round (default 2; quick 0.35)
          --json FILE        every round, the medians and the machine
          --markdown         print the result as a markdown table too
          --verbose          show the processor time of client and peer after each round
        """;

    public bool Quick { get; init; }

    public string Sdk { get; init; } = "both";

    public IReadOnlyList<string> Only { get; init; } = [];

    public int? Rounds { get; init; }

    public double? Seconds { get; init; }

    public string? JsonFile { get; init; }

    public bool Markdown { get; init; }

    public bool Verbose { get; init; }

    public bool Callbacks { get; init; }

    public int MeasuredRounds => Rounds ?? (Quick ? 5 : 9);

    public TimeSpan RoundDuration => TimeSpan.FromSeconds(Seconds ?? (Quick ? 0.35 : 2));

    /// <summary>The first warm-up of a kind of work, which is where the code gets compiled.</summary>
    public TimeSpan FirstWarmUp => TimeSpan.FromSeconds(Quick ? 0.8 : 3);

    public TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 0.3 : 1);

    public bool Includes(Measure measure) => Only.Count == 0 || Only.Contains(measure.Name, StringComparer.Ordinal);

    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (int i = 0; i < args.Length; i++)
        {
            string Next() => ++i < args.Length ? args[i] : throw new FormatException($"{args[i - 1]} needs a value");
            options = args[i] switch
            {
                "--quick" => options with { Quick = true },
                "--markdown" => options with { Markdown = true },
                "--callbacks" => options with { Callbacks = true },
                "--verbose" => options with { Verbose = true },
                "--json" => options with { JsonFile = Next() },
                "--sdk" => options with { Sdk = OneOf(Next(), "ours", "netlite", "both") },
                "--only" => options with { Only = Measures(Next()) },
                "--rounds" => options with { Rounds = int.Parse(Next(), CultureInfo.InvariantCulture) },
                "--seconds" => options with { Seconds = double.Parse(Next(), CultureInfo.InvariantCulture) },
                _ => throw new FormatException($"unknown option {args[i]}"),
            };
        }
        return options;
    }

    private static string[] Measures(string list) =>
        Array.ConvertAll(list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
            name => OneOf(name, [.. Measure.All.Select(measure => measure.Name)]));

    private static string OneOf(string value, params string[] allowed) => allowed.Contains(value, StringComparer.Ordinal)
        ? value
        : throw new FormatException($"'{value}' is none of {string.Join(", ", allowed)}");
}
