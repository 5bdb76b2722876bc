namespace Messaging.Interop.Tests.Peers;

/// <summary>
/// Proton as a server that wants a login, and as a client that logs in (test/peers/proton_server.py and proton_client.py): Debian's own library,
/// or the one with Cyrus SASL in it, which has the mechanisms with challenges.
/// </summary>
internal sealed class ProtonLogin
{
    private const string Python = "/usr/bin/python3";

    private readonly Dictionary<string, string> _environment;

    private ProtonLogin(Dictionary<string, string> environment) => _environment = environment;

    /// <summary>Debian's own Proton: ANONYMOUS and EXTERNAL on both sides, PLAIN as a client; TLS.</summary>
    public static ProtonLogin Stock
    {
        get
        {
            Proton.Require(ProtonBinding.Python);
            return new ProtonLogin(new Dictionary<string, string>(StringComparer.Ordinal));
        }
    }

    /// <summary>Proton with Cyrus SASL: PLAIN, SCRAM and GSSAPI on both sides.</summary>
    public static ProtonLogin Cyrus
    {
        get
        {
            Proton.Require(ProtonBinding.Python);
            Peer.Require(
                File.Exists(Path.Combine(CyrusRoot, ".ready")) && File.Exists("/usr/sbin/saslpasswd2"), "Qpid Proton with Cyrus SASL", "test/peers/proton-cyrus.sh install");
            return new ProtonLogin(new Dictionary<string, string>(StringComparer.Ordinal) { ["LD_LIBRARY_PATH"] = Path.Combine(CyrusRoot, "lib") });
        }
    }

    private static string CyrusRoot => Environment.GetEnvironmentVariable("PROTON_CYRUS_ROOT") is { Length: > 0 } folder ? folder : "/opt/proton-cyrus";

    /// <summary>The same with more in its environment.</summary>
    public ProtonLogin With(IReadOnlyDictionary<string, string> environment) =>
        new(new Dictionary<string, string>(_environment.Concat(environment), StringComparer.Ordinal));

    /// <summary>Starts a server on a port of the system's choice; its user is <c>alice</c> with this password.</summary>
    public async Task<PeerServer> ServeAsync(string mechanisms, string password, string[] options, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("messaging-proton-");
        return await PeerServer.StartAsync(
            port => Start("proton_server.py", password, [$"localhost:{port}", folder.FullName, mechanisms, .. options]),
            cancellationToken,
            folder);
    }

    /// <summary>Runs a client until it has sent a message and received one, or has failed.</summary>
    public async Task<(int Code, string Output)> RunAsync(string url, string mechanism, string? user, string password, string[] options, TimeSpan limit, CancellationToken cancellationToken)
    {
        string[] login = user is null ? [] : ["--user", user];
        await using var client = Start("proton_client.py", password, [$"{url}/examples", mechanism, .. login, .. options]);
        var code = await client.WaitForEndAsync(limit, cancellationToken);
        return (code, client.Output);
    }

    private PeerProcess Start(string script, string password, string[] arguments) => PeerProcess.StartGuarded(
        Repository.PeerScript("guard.sh"),
        [Python, Repository.PeerScript(script), .. arguments],
        new Dictionary<string, string>(_environment, StringComparer.Ordinal) { ["PEER_PASSWORD"] = password });
}
