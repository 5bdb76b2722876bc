namespace Messaging.Broker.Queues;

/// <summary>The credit that one link of a sender has from a queue. The counters belong to the <see cref="QueueRoom"/> and its lock.</summary>
internal sealed class CreditLine(IReceiver receiver)
{
    private const int MaxWindow = 1000;
    private const long WindowBytes = 8 * 1024 * 1024;

    // Until messages have shown their size: 128 of them fill the window.
    private long _averageSize = 64 * 1024;

    /// <summary>Credit given and not used up by messages that were taken out of the link.</summary>
    public int Outstanding { get; set; }

    /// <summary>Whether it is in the room's line of those that want more.</summary>
    public bool IsWaiting { get; set; }

    public bool IsGone { get; set; }

    /// <summary>How far the sender may be ahead, by the size of its messages.</summary>
    public int Window => (int)Math.Clamp(WindowBytes / _averageSize, 1, MaxWindow);

    public long AverageSize => _averageSize;

    public void Measure(int size) => _averageSize = Math.Max(((_averageSize * 7) + size) / 8, 1);

    /// <summary>Tells the peer. Called outside the room's lock.</summary>
    public void Give(int credit)
    {
        if (credit > 0)
            _ = GiveAsync(credit);
    }

    private async Task GiveAsync(int credit)
    {
        try
        {
            await receiver.AddCreditAsync(credit).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException)
        {
            // The link has ended: whoever serves it gives the room back.
        }
    }
}
