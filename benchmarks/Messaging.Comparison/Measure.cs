namespace Comparison;

/// <summary>One number that is reported, taken from the rounds of one workload.</summary>
/// <param name="HasRatio">Whether it ends as a <c>RATIO</c> line; the others are in the table and in the JSON only.</param>
internal sealed record Measure(string Name, string Workload, string Unit, Func<Round, double> Value, bool HasRatio = true)
{
    public static IReadOnlyList<Measure> All { get; } =
    [
        Rate("send-100B"),
        Rate("recv-100B"),
        Rate("send-1KiB"),
        Rate("recv-1KiB"),
        Rate("send-64KiB"),
        Rate("recv-64KiB"),
        Rate("send-awaited-100B"),
        new("pingpong-p50", "pingpong", "µs", round => round.P50),
        new("pingpong-p99", "pingpong", "µs", round => round.P99, HasRatio: false),
        new("alloc-send-100B", "send-100B", "B/message", round => round.AllocatedPerMessage),
        new("alloc-recv-100B", "recv-100B", "B/message", round => round.AllocatedPerMessage),
        new("alloc-send-64KiB", "send-64KiB", "B/message", round => round.AllocatedPerMessage, HasRatio: false),
        new("alloc-recv-64KiB", "recv-64KiB", "B/message", round => round.AllocatedPerMessage, HasRatio: false),
    ];

    private static Measure Rate(string workload) => new(workload, workload, "messages/s", round => round.PerSecond);
}
