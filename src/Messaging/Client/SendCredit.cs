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
    private TaskCompletionSource? _drainAsked;
    private long _allowed;
    private long _issued;
    private volatile bool _isDrainRequested;
    private volatile int _drains;
    private volatile int _seenDrain;
    private bool _isEnded;

    /// <summary>Sends that may be issued now; negative when more were issued than allowed and wait in the link's queue.</summary>
    public long Available => Volatile.Read(ref _allowed) - Volatile.Read(ref _issued);

    public bool IsDrainRequested => _isDrainRequested;

    /// <summary>Whether the drain that is asked for is the one that the caller has last seen.</summary>
    public bool IsDrainSeen => _seenDrain == _drains;

    /// <summary>Completes at the next change. Take it before looking at the values.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _isEnded ? Task.CompletedTask : (_changed ??= New()).Task;
        }
    }

    /// <summary>Completes when a drain is asked for. Take it before looking whether one is.</summary>
    public Task DrainAsked
    {
        get
        {
            lock (_lock)
                return _isEnded ? Task.CompletedTask : (_drainAsked ??= New()).Task;
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

    /// <summary>Looks whether a drain is asked for, and remembers which one.</summary>
    public bool SeeDrain()
    {
        if (!_isDrainRequested)
            return false;
        _seenDrain = _drains;
        return true;
    }

    /// <summary>The peer's flow asks for a drain: another one than before, its credit may be new. Runs on the loop, before <see cref="Publish"/>.</summary>
    public void CountDrain() => _drains++;

    /// <summary>Takes over the engine's view. A drain that the engine answers leaves credit only to what is queued already. Runs on the loop.</summary>
    public void Publish(SendingLink link)
    {
        uint usable = link.Drain && !link.ManualDrain ? Math.Min(link.Credit, (uint)link.Queued) : link.Credit;
        Volatile.Write(ref _allowed, (long)link.NextTag + usable);
        _isDrainRequested = link.Drain && (link.ManualDrain || link.Queued > 0);
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
        TaskCompletionSource? drainAsked = null;
        lock (_lock)
        {
            changed = _changed;
            _changed = null;
            if (_isDrainRequested || _isEnded)
                (drainAsked, _drainAsked) = (_drainAsked, null);
        }

        changed?.TrySetResult();
        drainAsked?.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
