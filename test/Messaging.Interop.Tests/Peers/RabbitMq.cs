namespace Messaging.Interop.Tests.Peers;

/// <summary>RabbitMQ 4, started by test/peers/rabbitmq4.sh with its users guest/guest and alice/secret and its queues q1 to q4, quorum1, stream1.</summary>
internal static class RabbitMq
{
    private static string Root => Environment.GetEnvironmentVariable("RABBITMQ4_ROOT") is { Length: > 0 } folder ? folder : "/opt/rabbitmq4-root";

    public static void Require() => Peer.Require(
        File.Exists(Path.Combine(Root, ".rabbitmq4-ready")) && Environment.IsPrivilegedProcess, "RabbitMQ 4", "test/peers/rabbitmq4.sh install (as root, and the tests too)");

    public static async Task<PeerServer> StartAsync(CancellationToken cancellationToken)
    {
        var ports = LoopbackPort.Free(3);
        var process = PeerProcess.StartGuarded(Repository.PeerScript("rabbitmq4.sh"), ["run"], new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RABBITMQ4_ROOT"] = Root,
            ["RABBITMQ4_PORT"] = $"{ports[0]}",
            ["RABBITMQ4_TLS_PORT"] = "0",
            ["RABBITMQ4_EPMD_PORT"] = $"{ports[1]}",
            ["RABBITMQ4_DIST_PORT"] = $"{ports[2]}",
        });
        try
        {
            await process.WaitUntilAsync(p => p.Output.Contains("rabbitmq4: started", StringComparison.Ordinal), TimeSpan.FromSeconds(150), cancellationToken);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new PeerServer(process, ports[0]);
    }
}
