using System.Diagnostics.Metrics;

namespace Messaging.Recovery;

/// <summary>What recovery counts.</summary>
internal static class RecoveryMetrics
{
    private static readonly Meter Meter = new("Messaging");
    private static readonly Counter<long> Stalls = Meter.CreateCounter<long>("messaging.link.stalls", "{link}", "Links that were attached and did nothing for the watchdog's time.");

    public static void CountStall(string role) => Stalls.Add(1, new KeyValuePair<string, object?>("messaging.link.role", role));
}
