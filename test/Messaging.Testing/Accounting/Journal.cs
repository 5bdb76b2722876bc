namespace Messaging.Testing.Accounting;

/// <summary>What producers sent and consumers received, message by message: the books in which a loss or a silent duplicate shows.</summary>
/// <remarks>Safe for concurrent use, a few bytes for each message. Ids count from 0; the application puts them into its messages.</remarks>
public sealed class Journal
{
    private const int BlockBits = 14;
    private const int MostBlocks = 1 << 14;

    private readonly long[]?[] _blocks = new long[]?[MostBlocks];
    private long _next;
    private long _strangers;
    private Exception? _firstFailure;

    /// <summary>The seed of the run, for the report.</summary>
    public Journal(int seed) => Seed = seed;

    public int Seed { get; }

    /// <summary>The messages begun.</summary>
    public long Sent => Interlocked.Read(ref _next);

    /// <summary>Why a send failed, the first time.</summary>
    public Exception? FirstFailure => Volatile.Read(ref _firstFailure);

    /// <summary>Consumed messages that no producer has sent.</summary>
    public long Strangers => Interlocked.Read(ref _strangers);

    /// <summary>A new message, sent for the first time.</summary>
    public long Begin()
    {
        long id = Interlocked.Increment(ref _next) - 1;
        Change(id, static entry => entry.Attempt(1));
        return id;
    }

    /// <summary>The message went out again: a duplicate of it is no secret.</summary>
    /// <param name="id">The message.</param>
    /// <param name="attempts">All attempts so far, the first included.</param>
    public void Attempts(long id, int attempts) => Change(id, entry => entry.Attempt(attempts));

    public void Accepted(long id) => Change(id, static entry => entry.End(SendEnd.Accepted));

    public void Failed(long id) => Change(id, static entry => entry.End(SendEnd.Failed));

    public void Unknown(long id) => Change(id, static entry => entry.End(SendEnd.Unknown));

    /// <summary>Sends, and books how it ends; the exceptions that tell an outcome end here.</summary>
    /// <param name="id">From <see cref="Begin"/>.</param>
    /// <param name="send">Must tell the outcome as <see cref="ISender.SendAsync(Message, CancellationToken)"/> does.</param>
    public async Task<SendEnd> SendAsync(long id, Func<ValueTask> send)
    {
        SendEnd end;
        try
        {
            await send();
            end = SendEnd.Accepted;
        }
        catch (Exception exception) when (exception is DeliveryInDoubtException or SendCanceledInDoubtException)
        {
            end = SendEnd.Unknown;
        }
        catch (Exception exception) when (exception is MessagingException or OperationCanceledException or ObjectDisposedException or TimeoutException)
        {
            end = SendEnd.Failed;
            Interlocked.CompareExchange(ref _firstFailure, exception, null);
        }

        Change(id, entry => entry.End(end));
        return end;
    }

    /// <summary>A consumer has the message.</summary>
    /// <param name="id">From the message.</param>
    /// <param name="deliveryCount">The message's delivery-count: how often it was delivered before.</param>
    /// <param name="settled">Whether its settlement is known to have reached the server, so that it may not come again.</param>
    public void Consumed(long id, uint deliveryCount, bool settled)
    {
        if (id < 0 || id >= Sent)
            Interlocked.Increment(ref _strangers);
        else
            Change(id, entry => entry.Consume(deliveryCount, settled));
    }

    /// <summary>The settlement of a consumed message is known to have reached the server.</summary>
    /// <param name="id">The message.</param>
    /// <param name="deliveryCount">That of the delivery.</param>
    public void Settled(long id, uint deliveryCount) => Change(id, entry => entry.Settle(deliveryCount));

    /// <summary>What stands in the books.</summary>
    public JournalReport Report(int seed = 0) => new(this, seed == 0 ? Seed : seed);

    internal JournalEntry this[long id] => new(Interlocked.Read(ref Slot(id)));

    private ref long Slot(long id)
    {
        long block = id >> BlockBits;
        if (block >= MostBlocks)
            throw new InvalidOperationException($"A journal holds {(long)MostBlocks << BlockBits} messages.");
        long[] entries = Volatile.Read(ref _blocks[block]) ?? Add(block);
        return ref entries[id & ((1 << BlockBits) - 1)];
    }

    private long[] Add(long block)
    {
        var created = new long[1 << BlockBits];
        return Interlocked.CompareExchange(ref _blocks[block], created, null) ?? created;
    }

    private void Change(long id, Func<JournalEntry, JournalEntry> change)
    {
        ref long slot = ref Slot(id);
        while (true)
        {
            long seen = Interlocked.Read(ref slot);
            if (Interlocked.CompareExchange(ref slot, change(new JournalEntry(seen)).Bits, seen) == seen)
                return;
        }
    }
}
