namespace Messaging;

/// <summary>What a graceful stop could not finish in its time.</summary>
/// <param name="Unsent">Messages that were given to senders and not sent: their calls have failed, and they may be sent again elsewhere.</param>
/// <param name="InDoubt">Messages that were sent and not settled: their calls have failed with <see cref="DeliveryInDoubtException"/>.</param>
/// <param name="Unsettled">Received messages that the application has not settled: the peer will deliver them again.</param>
/// <param name="Released">Received messages that had not been handed out and were given back.</param>
/// <param name="Elapsed">How long it took.</param>
public sealed record CloseReport(int Unsent, int InDoubt, int Unsettled, int Released, TimeSpan Elapsed)
{
    /// <summary>Whether nothing was left undone.</summary>
    public bool IsClean => Unsent == 0 && InDoubt == 0 && Unsettled == 0;
}
