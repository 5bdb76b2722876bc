namespace Messaging.Interop.Tests.Peers;

/// <summary>The two language bindings of Qpid Proton whose examples we run.</summary>
public enum ProtonBinding
{
    Cpp,
    Python,
}

/// <summary>The example programs of Qpid Proton: <c>broker</c>, <c>simple_send</c>, <c>simple_recv</c>, <c>direct_send</c>, <c>direct_recv</c>.</summary>
internal static class Proton
{
    private const string Python = "/usr/bin/python3"; // the system's own: the Debian package is invisible to any other
    private const string PythonExamples = "/usr/share/proton/examples/python";
    private const string Install = "test/peers/proton.sh install";

    private static string CppExamples =>
        Environment.GetEnvironmentVariable("PROTON_EXAMPLES") is { Length: > 0 } folder ? folder
        : Path.Combine(CacheFolder, "messaging-peers", "proton");

    private static string CacheFolder =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } folder ? folder
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");

    public static void Require(ProtonBinding binding)
    {
        if (binding is ProtonBinding.Cpp)
            Peer.Require(File.Exists(Path.Combine(CppExamples, "direct_recv")), "Qpid Proton C++", Install);
        else
            Peer.Require(File.Exists(Path.Combine(PythonExamples, "broker.py")) && Directory.Exists("/usr/lib/python3/dist-packages/proton"), "Qpid Proton for Python", Install);
    }

    /// <summary>Starts an example; skips the test when the binding is not on this machine.</summary>
    public static PeerProcess Start(ProtonBinding binding, string example, params string[] arguments)
    {
        Require(binding);
        return binding is ProtonBinding.Cpp
            ? PeerProcess.Start(Path.Combine(CppExamples, example), arguments)
            : PeerProcess.Start(Python, [Path.Combine(PythonExamples, example + ".py"), .. arguments]);
    }

    /// <summary>Starts an example that listens, such as <c>broker</c> or <c>direct_recv</c>.</summary>
    public static Task<PeerServer> ServeAsync(ProtonBinding binding, string example, string address, int messages, CancellationToken cancellationToken)
    {
        Require(binding);
        string[] count = messages > 0 ? ["-m", $"{messages}"] : [];
        return PeerServer.StartAsync(port => Start(binding, example, ["-a", $"127.0.0.1:{port}{address}", .. count]), cancellationToken);
    }

    public static Task<PeerServer> StartBrokerAsync(ProtonBinding binding, CancellationToken cancellationToken) =>
        ServeAsync(binding, "broker", "", 0, cancellationToken);

    /// <summary>Starts our own Proton program that gives messages back and says what it saw (test/peers/type_echo.py).</summary>
    public static Task<PeerServer> StartTypeEchoAsync(CancellationToken cancellationToken)
    {
        Require(ProtonBinding.Python);
        return PeerServer.StartAsync(port => PeerProcess.Start(Python, Repository.PeerScript("type_echo.py"), $"127.0.0.1:{port}"), cancellationToken);
    }
}
