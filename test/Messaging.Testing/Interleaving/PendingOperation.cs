namespace Messaging.Testing.Interleaving;

/// <summary>A call that was begun, and what became of it.</summary>
internal sealed class PendingOperation
{
    private readonly Func<bool> _isEndedHere;
    private readonly long _start = TimeProvider.System.GetTimestamp();
    private TimeSpan _duration;
    private string? _end;

    public PendingOperation(int number, string name, CancellationTokenSource? cancellation, Func<bool> isEndedHere, Func<CancellationToken, Task> call)
    {
        _isEndedHere = isEndedHere;
        Number = number;
        Name = name;
        Cancellation = cancellation;
        Ended = RunAsync(call);
    }

    public int Number { get; }

    public string Name { get; }

    /// <summary>Null for a call without a token.</summary>
    public CancellationTokenSource? Cancellation { get; }

    /// <summary>Completes when the call has ended; never faults.</summary>
    public Task Ended { get; }

    /// <summary>An exception that no caller of the SDK should ever see.</summary>
    public Exception? Surprise { get; private set; }

    /// <summary>Whether it ended without an exception.</summary>
    public bool IsDone => _end is "done";

    public override string ToString() => $"{Number,3} {Name}: {_end ?? "still runs"} ({(_end is null ? TimeProvider.System.GetElapsedTime(_start) : _duration).TotalMilliseconds:F0} ms)";

    private async Task RunAsync(Func<CancellationToken, Task> call)
    {
        await Task.Yield();
        string end = "done";
        try
        {
            await call(Cancellation?.Token ?? CancellationToken.None);
        }
        catch (Exception exception)
        {
            end = $"{exception.GetType().Name}: {exception.Message}";
            if (!IsExpected(exception))
                Surprise = exception;
        }

        _duration = TimeProvider.System.GetElapsedTime(_start);
        _end = end;
    }

    /// <summary>Nobody sees that something is disposed before this side has ended something.</summary>
    private bool IsExpected(Exception exception) =>
        (exception is MessagingException or OperationCanceledException or TimeoutException || (exception is ObjectDisposedException && _isEndedHere()))
        && !exception.Message.Contains("inside the SDK", StringComparison.Ordinal);
}
