namespace Messaging.Testing.Interleaving;

/// <summary>A call that was begun, and what became of it.</summary>
internal sealed class PendingOperation
{
    private readonly InterleavingSetup _setup;
    private readonly Endings _endings;
    private readonly long _start;
    private readonly List<object> _used = [];
    private TimeSpan _duration;
    private string? _end;

    public PendingOperation(int number, string name, CancellationTokenSource? cancellation, InterleavingSetup setup, Endings endings)
    {
        _setup = setup;
        _endings = endings;
        _start = setup.Schedule.Time.GetTimestamp();
        Number = number;
        Name = name;
        Cancellation = cancellation;
    }

    public int Number { get; }

    public string Name { get; }

    /// <summary>Null for a call without a token.</summary>
    public CancellationTokenSource? Cancellation { get; }

    public CancellationToken Stop => Cancellation?.Token ?? CancellationToken.None;

    /// <summary>Completes when the call has ended; never faults.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <summary>An exception that no caller of the SDK should ever see.</summary>
    public Exception? Surprise { get; private set; }

    /// <summary>Whether it ended without an exception.</summary>
    public bool IsDone => _end is "done";

    private TimeSpan Elapsed => _setup.Schedule.Time.GetElapsedTime(_start);

    public void Begin(Func<PendingOperation, Task> call) => Ended = RunAsync(call);

    /// <summary>Books what the call is made on: it may be told that this is disposed, once it is.</summary>
    public T Use<T>(T what)
    {
        if (what is not null)
            _used.Add(what);
        return what;
    }

    /// <summary>Looks at the exception of a part whose caller keeps it.</summary>
    public async ValueTask WatchAsync(Func<ValueTask> part)
    {
        try
        {
            await part();
        }
        catch (Exception exception)
        {
            Judge(exception);
            throw;
        }
    }

    public override string ToString() => $"{Number,3} {Name}: {_end ?? "still runs"} ({(_end is null ? Elapsed : _duration).TotalMilliseconds:F0} ms)";

    private async Task RunAsync(Func<PendingOperation, Task> call)
    {
        await Task.Yield();
        string end = "done";
        try
        {
            await call(this);
        }
        catch (Exception exception)
        {
            end = $"{exception.GetType().Name}: {exception.Message}";
            Judge(exception);
        }

        _duration = Elapsed;
        _end = end;
        _setup.Schedule.Note($"{Number} ended");
    }

    private void Judge(Exception exception)
    {
        _setup.Schedule.Note($"{Number} {exception.GetType().Name}");
        if (!IsExpected(exception))
            Surprise ??= exception;
    }

    private bool IsExpected(Exception exception) => exception switch
    {
        _ when exception.Message.Contains("inside the SDK", StringComparison.Ordinal) => false,
        ObjectDisposedException => _used.Exists(_endings.Has),
        OperationCanceledException => Stop.IsCancellationRequested,
        TimeoutException => Elapsed >= _setup.OperationTimeout,
        _ => exception is MessagingException,
    };
}
