namespace Messaging.Interop.Tests.Peers;

/// <summary>A server that runs, and where.</summary>
internal sealed class PeerServer(PeerProcess process, int port) : IAsyncDisposable
{
    private const int Attempts = 3;

    public PeerProcess Process { get; } = process;

    public int Port { get; } = port;

    public string Url { get; } = $"amqp://127.0.0.1:{port}";

    /// <summary>As the examples of Proton want it: without a scheme.</summary>
    public string HostAndPort { get; } = $"127.0.0.1:{port}";

    /// <summary>Starts it on a port of the system's choice and waits until it listens there. A port lost to another program is tried again.</summary>
    public static async Task<PeerServer> StartAsync(Func<int, PeerProcess> start, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = LoopbackPort.Free(1)[0];
            var process = start(port);
            try
            {
                await process.WaitUntilAsync(_ => LoopbackPort.IsListening(port), TimeSpan.FromSeconds(30), cancellationToken);
                return new PeerServer(process, port);
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

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
