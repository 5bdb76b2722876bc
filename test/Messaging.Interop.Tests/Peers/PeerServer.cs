namespace Messaging.Interop.Tests.Peers;

/// <summary>A server that runs, and where.</summary>
internal sealed class PeerServer(PeerProcess process, int port, DirectoryInfo? folder = null) : IAsyncDisposable
{
    private const int Attempts = 3;

    public PeerProcess Process { get; } = process;

    public int Port { get; } = port;

    public string Url { get; } = $"amqp://127.0.0.1:{port}";

    /// <summary>By name: for Kerberos and for certificates a number is another host.</summary>
    public string LocalhostUrl { get; } = $"amqp://localhost:{port}";

    public string TlsUrl { get; } = $"amqps://localhost:{port}";

    /// <summary>As the examples of Proton want it: without a scheme.</summary>
    public string HostAndPort { get; } = $"127.0.0.1:{port}";

    /// <summary>Starts it on a port of the system's choice and waits until it listens there. A port lost to another program is tried again. A folder of its own goes away with it.</summary>
    public static async Task<PeerServer> StartAsync(Func<int, PeerProcess> start, CancellationToken cancellationToken, DirectoryInfo? folder = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = LoopbackPort.Free(1)[0];
            var process = start(port);
            try
            {
                await process.WaitUntilAsync(_ => LoopbackPort.IsListening(port), TimeSpan.FromSeconds(30), cancellationToken);
                return new PeerServer(process, port, folder);
            }
            catch (PeerFailedException) when (attempt < Attempts)
            {
                await process.DisposeAsync();
            }
            catch
            {
                await process.DisposeAsync();
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        folder?.Delete(recursive: true);
    }
}
