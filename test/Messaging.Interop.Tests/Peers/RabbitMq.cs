namespace Messaging.Interop.Tests.Peers;

/// <summary>RabbitMQ 4, started by test/peers/rabbitmq4.sh with its users guest/guest and alice/secret and its queues q1 to q4, quorum1, stream1.</summary>
internal static class RabbitMq
{
    private const int Attempts = 3;

    private static string Root => Environment.GetEnvironmentVariable("RABBITMQ4_ROOT") is { Length: > 0 } folder ? folder : "/opt/rabbitmq4-root";

    public static void Require() => Peer.Require(
        File.Exists(Path.Combine(Root, ".rabbitmq4-ready")) && Environment.IsPrivilegedProcess, "RabbitMQ 4", "test/peers/rabbitmq4.sh install (as root, and the tests too)");

    /// <summary>Starts it on ports of the system's choice. One that is lost to another program is tried again.</summary>
    public static async Task<RabbitMqServer> StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await StartOnceAsync(cancellationToken);
            }
            catch (PeerFailedException) when (attempt < Attempts)
            {
                // The script has ended: with other ports it may not.
            }
        }
    }

    private static async Task<RabbitMqServer> StartOnceAsync(CancellationToken cancellationToken)
    {
        var ports = LoopbackPort.Free(4);
        var folder = Path.Combine(Path.GetTempPath(), $"messaging-rabbitmq-{Guid.NewGuid():N}");
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["RABBITMQ4_ROOT"] = Root,
            ["RABBITMQ4_PORT"] = $"{ports[0]}",
            ["RABBITMQ4_RUN"] = folder,
            ["RABBITMQ4_TLS_PORT"] = $"{ports[3]}",
            ["RABBITMQ4_EPMD_PORT"] = $"{ports[1]}",
            ["RABBITMQ4_DIST_PORT"] = $"{ports[2]}",
        };
        var process = PeerProcess.StartGuarded(Repository.PeerScript("rabbitmq4.sh"), ["run"], settings);
        try
        {
            await process.WaitUntilAsync(p => p.Output.Contains("rabbitmq4: started", StringComparison.Ordinal), TimeSpan.FromSeconds(150), cancellationToken);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }

        return new RabbitMqServer(new PeerServer(process, ports[0]), $"amqps://localhost:{ports[3]}", Path.Combine(folder, "tls"), settings);
    }
}

/// <summary>RabbitMQ as it runs.</summary>
/// <param name="Server">In clear text.</param>
/// <param name="TlsUrl">Its port for TLS, with a certificate for localhost and 127.0.0.1.</param>
/// <param name="Certificates">A folder: <c>ca.pem</c>, and <c>client.pem</c>, <c>client.key</c>, <c>client.p12</c> for the user guest.</param>
/// <param name="Settings">The environment of its script.</param>
internal sealed record RabbitMqServer(PeerServer Server, string TlsUrl, string Certificates, IReadOnlyDictionary<string, string> Settings)
{
    /// <summary>Runs <c>rabbitmqctl</c> against it and waits until that has ended.</summary>
    public async Task ControlAsync(string command, CancellationToken cancellationToken)
    {
        await using var control = PeerProcess.StartGuarded(Repository.PeerScript("rabbitmq4.sh"), ["ctl", command], Settings);
        Assert.Equal(0, await control.WaitForEndAsync(TimeSpan.FromSeconds(60), cancellationToken));
    }
}
