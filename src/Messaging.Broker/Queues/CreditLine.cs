namespace Messaging.Broker.Queues;

/// <summary>The credit that one link of a sender has from a queue. The counters belong to the <see cref="QueueRoom"/> and its lock.</summary>
/// <param name="receiver">The link.</param>
/// <param name="maxMessageSize">The largest message that it may bring; 0 for any.</param>
internal sealed class CreditLine(IReceiver receiver, long maxMessageSize)
{
    private const int MaxWindow = 1000;
    private const long WindowBytes = 8 * 1024 * 1024;

    private LinkedListNode<CreditLine>? _place;
    private bool _isMeasured;

    /// <summary>Credit given and not used up by messages that were taken out of the link.</summary>
    public int Outstanding { get; set; }

    /// <summary>Its place in the room's line of those that want more; its list is null when it is not there.</summary>
    public LinkedListNode<CreditLine> Place => _place ??= new LinkedListNode<CreditLine>(this);

    public bool IsGone { get; set; }

    /// <summary>How far the sender may be ahead, by the size of its messages.</summary>
    public int Window => (int)Math.Clamp(WindowBytes / MessageSize, 1, MaxWindow);

    /// <summary>How large its next messages may be: as large as its largest of late. Until one has come, as large as any may be, so that the first credit is one message or few.</summary>
    public long MessageSize { get; private set; } = maxMessageSize > 0 ? maxMessageSize : WindowBytes;

    /// <summary>What may come on the credit that is out, in bytes.</summary>
    public long OutstandingBytes => Outstanding * MessageSize;

    /// <summary>A large message counts at once, and is forgotten over the next dozens.</summary>
    public void Measure(int size)
    {
        MessageSize = Math.Max(_isMeasured ? Math.Max(size, MessageSize - (MessageSize / 16)) : size, 1);
        _isMeasured = true;
    }

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
