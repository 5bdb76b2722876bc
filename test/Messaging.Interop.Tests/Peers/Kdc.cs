namespace Messaging.Interop.Tests.Peers;

/// <summary>A Kerberos realm on loopback (test/peers/kdc.sh): TEST.LOCAL with the users alice and bob and the service amqp/localhost.</summary>
internal sealed class Kdc : IAsyncDisposable
{
    private const int Attempts = 3;

    private readonly PeerProcess _process;
    private readonly string _folder;

    private Kdc(PeerProcess process, string folder)
    {
        _process = process;
        _folder = folder;
    }

    private static string Root => Environment.GetEnvironmentVariable("KDC_ROOT") is { Length: > 0 } folder ? folder : "/opt/kdc-root";

    public static void Require() => Peer.Require(File.Exists(Path.Combine(Root, ".kdc-ready")), "a Kerberos KDC", "test/peers/kdc.sh install");

    /// <summary>Starts it on a port of the system's choice. A port lost to another program is tried again.</summary>
    public static async Task<Kdc> StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var folder = Path.Combine(Path.GetTempPath(), $"messaging-kdc-{Guid.NewGuid():N}");
            var process = PeerProcess.StartGuarded(Repository.PeerScript("kdc.sh"), ["run"], new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["KDC_ROOT"] = Root,
                ["KDC_RUN"] = folder,
                ["KDC_PORT"] = $"{LoopbackPort.Free(1)[0]}",
            });
            try
            {
                await process.WaitUntilAsync(p => p.Output.Contains("kdc: ready", StringComparison.Ordinal), TimeSpan.FromSeconds(60), cancellationToken);
                return new Kdc(process, folder);
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

    /// <summary>What a program needs in its environment to log in with the ticket of this user; <c>nobody</c> has none.</summary>
    public Dictionary<string, string> ClientEnvironment(string user) => new(StringComparer.Ordinal)
    {
        ["KRB5_CONFIG"] = Path.Combine(_folder, "krb5.conf"),
        ["KRB5CCNAME"] = $"FILE:{Path.Combine(_folder, user + ".ccache")}",
    };

    /// <summary>What a program needs in its environment to check tickets; with another keytab than <c>service</c> it cannot.</summary>
    public Dictionary<string, string> ServerEnvironment(string keytab = "service") => new(StringComparer.Ordinal)
    {
        ["KRB5_CONFIG"] = Path.Combine(_folder, "krb5.conf"),
        ["KRB5_KTNAME"] = $"FILE:{Path.Combine(_folder, keytab + ".keytab")}",
        ["KRB5RCACHEDIR"] = _folder,
    };

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
