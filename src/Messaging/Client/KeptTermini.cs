using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>What a link that resumes asks of the peer beyond what the application has set: to keep the state of its deliveries when the connection is lost.</summary>
internal static class KeptTermini
{
    /// <summary>How long the peer is asked to keep it, in seconds: longer than nearly every outage, short enough not to burden the peer with the links of the dead.</summary>
    private const uint Timeout = 300;

    /// <summary>With receiver settle mode first the peer forgets a delivery as it settles it, and its word may be lost on the way: only with second does it know what we know.</summary>
    public static SenderOptions For(SenderOptions options)
    {
        if (options.SettleMode == SenderSettleMode.Settled)
            return options;
        SenderOptions kept = options.Freeze();
        kept.ReceiverSettleMode = ReceiverSettleMode.Second;
        kept.Target = Kept(options.Target);
        return kept;
    }

    /// <summary>By default a terminus goes with its session (part 3, 3.5.6).</summary>
    private static T Kept<T>(T terminus)
        where T : Terminus => terminus is { ExpiryPolicy: TerminusExpiryPolicy.SessionEnd, Timeout: 0 }
            ? terminus with { ExpiryPolicy = TerminusExpiryPolicy.ConnectionClose, Timeout = Timeout }
            : terminus;
}
