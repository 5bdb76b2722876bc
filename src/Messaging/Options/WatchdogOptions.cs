namespace Messaging;

/// <summary>When a link that is attached and does nothing is reported (<see cref="IConnection.LinkStalled"/>, a log line, and the counter <c>messaging.link.stalls</c> of the meter <c>Messaging</c>).</summary>
/// <remarks>The links are looked at every quarter of the shorter limit, but not more often than every 10 milliseconds.</remarks>
public sealed class WatchdogOptions
{
    /// <summary>How long a sender may have messages to send and no credit.</summary>
    /// <value>1 minute. Above zero and at most 49 days, or <see cref="Timeout.InfiniteTimeSpan"/> for no watch.</value>
    public TimeSpan SenderWithoutCredit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a receiver may have credit out and get nothing. The peer is then asked for an answer (a flow with <c>echo</c>, part 2, 2.7.4) before the silence is reported. A queue without messages is as silent: set it where messages always come.</summary>
    /// <value><see cref="Timeout.InfiniteTimeSpan"/>: no watch. Above zero and at most 49 days otherwise.</value>
    public TimeSpan ReceiverSilence { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Whether a stalled link is detached and attached again.</summary>
    /// <value><see langword="false"/>.</value>
    public bool Reattach { get; set; }

    internal WatchdogOptions Freeze()
    {
        Require.PositiveOrInfinite(SenderWithoutCredit);
        Require.PositiveOrInfinite(ReceiverSilence);
        return (WatchdogOptions)MemberwiseClone();
    }
}
