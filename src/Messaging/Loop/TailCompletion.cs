namespace Messaging.Loop;

/// <summary>A completion that continues the application's code.</summary>
internal interface ITailCompletion
{
    /// <summary>Whether somebody waits already, so that completing it continues the application's code.</summary>
    bool IsAwaited { get; }

    /// <summary>Completes; the application goes on in a work item of its own.</summary>
    void CompleteQueued();

    /// <summary>Completes; the application goes on on this thread. Nothing of the loop stands below it on the stack.</summary>
    void CompleteInline();
}

/// <summary>
/// The last completion of a turn, kept until the loop has gone to sleep: its thread has then nothing else to do and can continue the application
/// itself, which saves waking another one. The loop is free meanwhile: whatever the application does, even block, the next wake runs it elsewhere.
/// </summary>
/// <remarks>With one message in flight this halves the hops between threads; see docs/adr/0006.</remarks>
internal static class TailCompletion
{
    [ThreadStatic]
    private static ITailCompletion? _last;

    [ThreadStatic]
    private static bool _hasTail;

    [ThreadStatic]
    private static object? _continuing;

    /// <summary>Whether the loop runs on a thread of its own, and may use it for long.</summary>
    public static bool HasTail => _hasTail;

    /// <summary>Whether a completion is kept back.</summary>
    public static bool IsPending => _last is not null;

    /// <summary>Whether this thread continues the application right after a loop that was run with this state.</summary>
    public static bool IsContinuing(object state) => ReferenceEquals(_continuing, state);

    /// <summary>Runs a loop until it sleeps, then the last completion of its last turn. A loop that is resumed otherwise keeps nothing back.</summary>
    public static void RunWithTail<T>(Action<T> run, T state)
        where T : class
    {
        _hasTail = true;
        run(state);
        _hasTail = false;
        ITailCompletion? completion = _last;
        _last = null;
        if (completion is null)
            return;
        _continuing = state;
        completion.CompleteInline();
        _continuing = null;
    }

    /// <summary>Completes it at the end of the turn, and the one before it now. One that nobody awaits yet continues nothing: it must not take the place of one that does.</summary>
    public static void Add(ITailCompletion completion)
    {
        if (!_hasTail || !completion.IsAwaited)
        {
            completion.CompleteQueued();
            return;
        }

        _last?.CompleteQueued();
        _last = completion;
    }

    /// <summary>The loop goes on on this thread: nobody waits for its end.</summary>
    public static void Flush()
    {
        _last?.CompleteQueued();
        _last = null;
    }
}
