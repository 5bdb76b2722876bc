using System.Runtime.InteropServices;

namespace Messaging.Testing.Accounting;

/// <summary>The books on one message, in one word: how its send ended, and how often each thing happened.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct JournalEntry(long Bits)
{
    public SendEnd SendEnd => (SendEnd)Field(0, 2);

    /// <summary>How often the producer was told an end; more than once is a defect.</summary>
    public int EndsTold => Field(2, 2);

    public int Attempts => Field(4, 8);

    public int Consumed => Field(12, 10);

    /// <summary>The deliveries whose settlement reached the server.</summary>
    public int Settled => Field(22, 10);

    /// <summary>The deliveries with a delivery-count above zero.</summary>
    public int Redelivered => Field(32, 10);

    /// <summary>The deliveries that the server made after a settlement had reached it.</summary>
    public int AfterSettled => Field(42, 8);

    /// <summary>The highest delivery-count of those that are settled.</summary>
    private int SettledCount => Field(50, 10);

    public JournalEntry End(SendEnd end) => With(0, 2, (int)end).With(2, 2, EndsTold + 1);

    public JournalEntry Attempt(int attempts) => With(4, 8, Math.Max(Attempts, attempts));

    /// <summary>A delivery with a lower count than the one that is settled was made before it: the application is late.</summary>
    public JournalEntry Consume(uint deliveryCount, bool settled)
    {
        JournalEntry entry = With(12, 10, Consumed + 1);
        if (deliveryCount > 0)
            entry = entry.With(32, 10, Redelivered + 1);
        if (Settled > 0 && deliveryCount >= SettledCount)
            entry = entry.With(42, 8, AfterSettled + 1);
        return settled ? entry.Settle(deliveryCount) : entry;
    }

    public JournalEntry Settle(uint deliveryCount) => With(22, 10, Settled + 1).With(50, 10, Math.Max(SettledCount, (int)Math.Min(deliveryCount, int.MaxValue)));

    private int Field(int shift, int width) => (int)(Bits >> shift) & ((1 << width) - 1);

    private JournalEntry With(int shift, int width, int value)
    {
        long mask = (1L << width) - 1;
        return new JournalEntry((Bits & ~(mask << shift)) | (Math.Min(value, mask) << shift));
    }
}
