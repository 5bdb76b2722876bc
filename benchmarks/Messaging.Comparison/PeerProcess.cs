using System.Diagnostics;
using System.Globalization;

namespace Comparison;

/// <summary>The peer, built beside us, started once and stopped by its own id.</summary>
internal sealed class PeerProcess : IDisposable
{
    private const string Announcement = "LISTENING ";

    private readonly Process _process;

    private PeerProcess(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static PeerProcess Start()
    {
        var start = new ProcessStartInfo(DotnetHost(), [Path.Combine(AppContext.BaseDirectory, "Messaging.Comparison.Peer.dll")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true, // held open; the peer ends when we do
            RedirectStandardOutput = true,
        };
        Process process = Process.Start(start) ?? throw new InvalidOperationException("the peer process did not start");
        string? line = process.StandardOutput.ReadLine();
        if (line?.StartsWith(Announcement, StringComparison.Ordinal) != true)
        {
            process.Kill();
            throw new InvalidOperationException($"the peer process said '{line}' instead of {Announcement}<port>");
        }
        return new PeerProcess(process, int.Parse(line.AsSpan(Announcement.Length), CultureInfo.InvariantCulture));
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }
        _process.Dispose();
    }

    /// <summary>The host that runs us: DOTNET/shared/Microsoft.NETCore.App/VERSION/ is where the runtime lies.</summary>
    private static string DotnetHost()
    {
        string runtime = System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory();
        string host = Path.GetFullPath(Path.Combine(runtime, "..", "..", "..", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
        return File.Exists(host) ? host : "dotnet";
    }
}
