namespace Messaging.Client;

/// <summary>
/// How many deliveries of the present attachment are handed out and not settled, for <see cref="ReceiverOptions.MaxUnsettled"/>. Number and attachment stand
/// in one word, so that a consumer that takes or settles a delivery while its link is being lost never counts on the next one. Any thread may call it.
/// </summary>
internal sealed class UnsettledCount
{
    private long _value; // the attachment in the upper half, the number in the lower one

    public int Value => (int)Volatile.Read(ref _value);

    /// <summary>Counts, unless the delivery came on another attachment.</summary>
    public void Add(int attachment, int change)
    {
        while (true)
        {
            long value = Volatile.Read(ref _value);
            if ((int)(value >> 32) != attachment)
                return;
            if (Interlocked.CompareExchange(ref _value, Pack(attachment, (int)value + change), value) == value)
                return;
        }
    }

    /// <summary>The link is attached anew: nothing of the old attachment counts any more.</summary>
    public void Reset(int attachment) => Interlocked.Exchange(ref _value, Pack(attachment, 0));

    private static long Pack(int attachment, int number) => ((long)attachment << 32) | (uint)number;
}
