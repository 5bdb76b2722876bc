using System.Security.Cryptography;
using System.Text;
using Messaging.Testing.Interleaving;
using Microsoft.Extensions.Time.Testing;

namespace Messaging.Testing.Simulation;

/// <summary>
/// The seed decides what runs when: which bytes arrive, whose continuation goes on, when time passes. It needs a thread pool of one thread, so that what runs
/// between two of its decisions runs in one order only; then the same seed gives the same interleaving, step by step.
/// </summary>
internal sealed class SeededSchedule : ISchedule, IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);

    private readonly Random _random;
    private readonly SeededContext _context;
    private readonly FakeTimeProvider _time = new();
    private readonly IncrementalHash _steps = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly TextWriter? _trace;

    /// <param name="random">The seed.</param>
    /// <param name="trace">Where each step is told, if anywhere.</param>
    public SeededSchedule(Random random, TextWriter? trace)
    {
        ThreadPool.GetMaxThreads(out int threads, out _);
        if (threads != 1)
            throw new InvalidOperationException($"The thread pool has {threads} threads: start with DOTNET_ThreadPool_ForceMaxWorkerThreads=1 or System.Threading.ThreadPool.MaxThreads.");
        _random = random;
        _context = new SeededContext(random);
        _trace = trace;
    }

    public TimeProvider Time => _time;

    /// <summary>The network whose bytes are handed on.</summary>
    public SimulatedNetwork? Network { get; set; }

    /// <summary>All steps up to now: two interleavings that differ in one differ here.</summary>
    public string Digest => Convert.ToHexStringLower(_steps.GetCurrentHash())[..16];

    /// <summary>Whether nothing can go on but by the passing of time. Only the pool's one thread may ask.</summary>
    private bool IsQuiet => ThreadPool.PendingWorkItemCount == 0 && _context.IsEmpty && Network is null or { IsIdle: true };

    /// <summary>Half of the calls come from an application with a context, half from one without.</summary>
    public void Begin(Action call)
    {
        if (_random.Next(2) == 0)
            _context.Run(call);
        else
            call();
    }

    public async Task TurnsAsync(int turns, Task? until = null)
    {
        for (int i = 0; i < turns && until is not { IsCompleted: true }; i++)
            await TurnAsync();
    }

    public async Task UntilAsync(Task end, TimeSpan bound)
    {
        long start = _time.GetTimestamp();
        while (!end.IsCompleted)
        {
            if (_time.GetElapsedTime(start) > bound)
                throw new TimeoutException();
            if (IsQuiet)
                Pass(Step);
            await TurnAsync();
        }

        await end;
    }

    public void Note(string what)
    {
        _steps.AppendData(Encoding.UTF8.GetBytes(what + "\n"));
        _trace?.WriteLine($"{(_time.GetUtcNow() - _time.Start).TotalMilliseconds:F0} {what}");
    }

    public void Dispose() => _steps.Dispose();

    private async Task TurnAsync()
    {
        int what = _random.Next(100);
        if (what < 40)
            HandOn();
        else if (what < 60 && !_context.IsEmpty)
            _context.RunOne();
        else if (what < 61)
            Pass(_random.Next(4) * Step / 4);
        if (_random.Next(4) != 0)
            await Task.Yield(); // what the pool has goes first
    }

    private void HandOn()
    {
        if (Network?.HandOn() == true)
            Note("bytes");
    }

    private void Pass(TimeSpan time)
    {
        Note("time");
        _time.Advance(time);
    }
}
