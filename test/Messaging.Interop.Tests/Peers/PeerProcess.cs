using System.Diagnostics;
using System.Text;

namespace Messaging.Interop.Tests.Peers;

/// <summary>A program that we did not write. It ends, by its process id, with this object or with the test host, whichever is first.</summary>
internal sealed class PeerProcess : IAsyncDisposable
{
    // guard.sh gives a program 30 seconds to end, rabbitmq4.sh 20
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly StringBuilder _output = new();

    private PeerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => Append(e.Data);
        process.ErrorDataReceived += (_, e) => Append(e.Data);
    }

    /// <summary>What it has written to standard output and standard error so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
                return _output.ToString();
        }
    }

    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Starts a program that knows nothing of us, under guard.sh.</summary>
    public static PeerProcess Start(string program, params string[] arguments) =>
        StartGuarded(Repository.PeerScript("guard.sh"), [program, .. arguments], null);

    /// <summary>Starts a program that ends by itself when its standard input does.</summary>
    public static PeerProcess StartGuarded(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // a Python that is not the system's own may stand first on PATH; its settings must not reach the peers
        start.Environment["PYTHONUNBUFFERED"] = "1";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
            start.Environment[name] = value;

        var peer = new PeerProcess(Process.Start(start)!);
        peer._process.BeginOutputReadLine();
        peer._process.BeginErrorReadLine();
        return peer;
    }

    /// <summary>Waits until <paramref name="ready"/> says so; fails with the program's output when it ends before that, or when the limit is over.</summary>
    public async Task WaitUntilAsync(Func<PeerProcess, bool> ready, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(limit);
        using var timer = new PeriodicTimer(ProbeInterval);
        while (!ready(this))
        {
            if (_process.HasExited)
                throw new PeerFailedException($"It ended with {_process.ExitCode} at its start. {Describe()}");
            try
            {
                await timer.WaitForNextTickAsync(bound.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new PeerFailedException($"It was not ready after {limit}. {Describe()}");
            }
        }
    }

    /// <summary>Waits until the program has printed this line: what it prints is read beside the test.</summary>
    public Task WaitForLineAsync(string line, TimeSpan limit, CancellationToken cancellationToken) =>
        WaitUntilAsync(p => p.Lines.Contains(line, StringComparer.Ordinal), limit, cancellationToken);

    /// <summary>Waits for the program's own end and returns its exit code.</summary>
    public async Task<int> WaitForEndAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitForExitAsync(cancellationToken).WaitAsync(limit, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new PeerFailedException($"It has not ended after {limit}. {Describe()}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            try
            {
                await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(EndLimit, CancellationToken.None);
            }
            catch (TimeoutException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _process.Dispose();
    }

    private string Describe() => $"Command: {_process.StartInfo.FileName} {string.Join(' ', _process.StartInfo.ArgumentList)}\nOutput:\n{Output}";

    private void Append(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Append(line).Append('\n');
    }
}
