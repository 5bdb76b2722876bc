using Messaging.Client;

namespace Messaging.Recovery;

/// <summary>Looks at the links of a connection now and then, and tells of those that are stalled. Owned by the loop.</summary>
internal sealed class Watchdog(Connection connection, WatchdogOptions options)
{
    /// <summary>Looking more often than this would cost more than it tells.</summary>
    private static readonly TimeSpan ShortestInterval = TimeSpan.FromMilliseconds(10);

    private readonly TimeSpan _interval = Interval(options);

    /// <summary>Begins to look; nothing to do without a limit.</summary>
    public void Start()
    {
        if (_interval != Timeout.InfiniteTimeSpan)
            connection.Timers.Add(_interval, Look);
    }

    private static TimeSpan Interval(WatchdogOptions options)
    {
        TimeSpan[] limits = [.. new[] { options.SenderWithoutCredit, options.ReceiverSilence }.Where(limit => limit != Timeout.InfiniteTimeSpan)];
        if (limits.Length == 0)
            return Timeout.InfiniteTimeSpan;
        TimeSpan interval = limits.Min() / 4;
        return interval < ShortestInterval ? ShortestInterval : interval;
    }

    private void Look()
    {
        foreach (LinkEndpoint link in connection.Sessions.SelectMany(session => session.Links).ToArray())
        {
            TimeSpan limit = link is Sender ? options.SenderWithoutCredit : options.ReceiverSilence;
            if (limit != Timeout.InfiniteTimeSpan)
                Look(link, limit);
        }

        connection.Timers.Add(_interval, Look);
    }

    private void Look(LinkEndpoint link, TimeSpan limit)
    {
        Stall stall = link.Stall ??= new Stall(limit);
        if (stall.Look(link.IsStalled, connection.Loop.Now) is not { } duration || !link.TryAsk(out bool answers))
            return;
        stall.MarkTold();
        RecoveryMetrics.CountStall(link is Sender ? "sender" : "receiver");
        connection.OnLinkStalled(new LinkStalledEventArgs(link, duration, answers));
        if (options.Reattach)
            link.Bounce();
    }
}
