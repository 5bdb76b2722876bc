using System.Net.NetworkInformation;

namespace Messaging.Testing.Leaks;

/// <summary>What the system knows of TCP connections to or from a port: a connection that somebody forgot to close stays there.</summary>
public static class Sockets
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(30);

    /// <summary>The connections to or from the port; those that only wait for late segments do not count.</summary>
    public static IReadOnlyList<string> On(int port) =>
    [
        .. IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Where(connection => connection.LocalEndPoint.Port == port || connection.RemoteEndPoint.Port == port)
            .Where(connection => connection.State is not (TcpState.TimeWait or TcpState.Listen or TcpState.Closed))
            .Select(connection => $"{connection.LocalEndPoint} → {connection.RemoteEndPoint}"),
    ];

    /// <summary>Nothing stays of what is on the port of a URL now. What comes later is somebody else's: the system gives a free port to the next who asks.</summary>
    public static async Task AssertNoneLeftAsync(string url)
    {
        int port = new Uri(url).Port;
        long start = TimeProvider.System.GetTimestamp();
        string[] left = [.. On(port)];
        while (left.Length > 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Grace, $"Sockets are left on port {port}: {string.Join("; ", left)}");
            await TimeProvider.System.PassAsync(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
            left = [.. left.Intersect(On(port), StringComparer.Ordinal)];
        }
    }
}
