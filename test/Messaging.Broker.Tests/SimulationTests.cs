using System.Diagnostics;
using System.Globalization;
using Messaging.Testing.Simulation;

namespace Messaging.Broker.Tests;

/// <summary>Runs of which the seed decides every step, in a process that has one thread for them (test/Messaging.Simulation).</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task Interleavings_OfASeed_EndEveryCallAndLoseNothing()
    {
        (int code, string[] lines) = await RunAsync("interleavings", Testing.Seed.Next(), count: 1000);

        Assert.True(code == 0, string.Join('\n', lines));
        Assert.Equal(1001, lines.Length);
        Assert.StartsWith("1000 interleavings: ", lines[^1], StringComparison.Ordinal);
        output.WriteLine(lines[^1]);
    }

    [Fact]
    public async Task Interleavings_OfTheSameSeed_AreTheSameStepByStep()
    {
        (_, string[] first) = await RunAsync("interleavings", seed: 5, count: 50);
        (_, string[] again) = await RunAsync("interleavings", seed: 5, count: 50);
        (_, string[] others) = await RunAsync("interleavings", seed: 6, count: 50);

        Assert.Equal(51, first.Length);
        Assert.Equal(first, again);
        Assert.Empty(first.Intersect(others, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Books_OfASeed_BalanceWithEachBehaviour()
    {
        (int code, string[] lines) = await RunAsync("books", Testing.Seed.Next(), count: 300);

        Assert.True(code == 0, string.Join('\n', lines));
        Assert.Equal(Enum.GetNames<ConnectionLossBehavior>(), lines.Select(line => line[..line.IndexOf(':', StringComparison.Ordinal)]), StringComparer.Ordinal);
        output.WriteLine(string.Join('\n', lines));
    }

    [Fact]
    public async Task Books_OfTheSameSeed_AreTheSameStepByStep()
    {
        (_, string[] first) = await RunAsync("books", seed: 5, count: 50);
        (_, string[] again) = await RunAsync("books", seed: 5, count: 50);

        Assert.Equal(3, first.Length);
        Assert.Equal(first, again);
    }

    [Fact]
    public void Schedule_WhereManyThreadsRun_IsRefused()
    {
        Assert.Throws<InvalidOperationException>(() => new SeededSchedule(new Random(1), trace: null));
    }

    private static async Task<(int Code, string[] Lines)> RunAsync(string what, int seed, int count)
    {
        var start = new ProcessStartInfo("dotnet", [TestProgram.PathOf("Messaging.Simulation"), what, seed.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process process = Process.Start(start)!;
        try
        {
            string text = await process.StandardOutput.ReadToEndAsync(BrokerFixture.Token).WaitAsync(Limit);
            await process.WaitForExitAsync(BrokerFixture.Token).WaitAsync(Limit);
            return (process.ExitCode, text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
