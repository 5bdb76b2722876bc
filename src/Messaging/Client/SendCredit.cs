using Messaging.Amqp.Engine;

namespace Messaging.Client;

/// <summary>
/// The sender's credit as callers may see and take it. The loop publishes how many sends the peer has allowed since the beginning,
/// callers count how many they have issued: the difference never counts a message twice, however long its post takes.
/// </summary>
internal sealed class SendCredit
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _changed;
    private long _allowed;
    private long _issued;
    private volatile bool _isDrainRequested;
    private bool _isEnded;

    /// <summary>Sends that may be issued now; negative when more were issued than allowed and wait in the link's queue.</summary>
    public long Available => Volatile.Read(ref _allowed) - Volatile.Read(ref _issued);

    public bool IsDrainRequested => _isDrainRequested;

    /// <summary>Completes at the next change. Take it before looking at the values.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _isEnded ? Task.CompletedTask : (_changed ??= New()).Task;
        }
    }

    /// <summary>Counts a send that will wait for credit if there is none.</summary>
    public void Issue() => Interlocked.Increment(ref _issued);

    /// <summary>Counts a send only if there is credit for it.</summary>
    public bool TryIssue()
    {
        while (true)
        {
            long issued = Volatile.Read(ref _issued);
            if (issued >= Volatile.Read(ref _allowed))
                return false;
            if (Interlocked.CompareExchange(ref _issued, issued + 1, issued) == issued)
                return true;
        }
    }

    /// <summary>An issued send was not sent after all.</summary>
    public void GiveBack() => Interlocked.Decrement(ref _issued);

    /// <summary>Takes over the engine's view. Runs on the loop.</summary>
    public void Publish(SendingLink link)
    {
        Volatile.Write(ref _allowed, (long)link.NextTag + link.Credit);
        _isDrainRequested = link.Drain;
        Signal();
    }

    /// <summary>There is no credit until the link is attached again. Runs on the loop.</summary>
    public void Suspend()
    {
        Volatile.Write(ref _allowed, 0);
        _isDrainRequested = false;
    }

    /// <summary>Wakes everybody for good.</summary>
    public void End()
    {
        lock (_lock)
            _isEnded = true;
        Signal();
    }

    private void Signal()
    {
        TaskCompletionSource? changed;
        lock (_lock)
        {
            changed = _changed;
            _changed = null;
        }

        changed?.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
