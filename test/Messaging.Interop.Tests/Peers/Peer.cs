namespace Messaging.Interop.Tests.Peers;

/// <summary>What happens when a peer is not on this machine.</summary>
internal static class Peer
{
    /// <summary>Skips the test with the command that installs the peer; where peers are required (.ci/run), fails it.</summary>
    public static void Require(bool isThere, string name, string installCommand)
    {
        if (isThere)
            return;
        var reason = $"skipped: {name} is not on this machine: run {installCommand}";
        if (string.Equals(Environment.GetEnvironmentVariable("MESSAGING_PEERS"), "required", StringComparison.Ordinal))
            Assert.Fail(reason);
        Assert.Skip(reason);
    }
}
