namespace Messaging.Loop;

/// <summary>A rare command with a result: opening, closing, attaching.</summary>
internal sealed class LoopRequest<T>(Func<T> action) : ILoopCommand
{
    private readonly TaskCompletionSource<T> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _result.Task;

    public void Execute()
    {
        try
        {
            _result.TrySetResult(action());
        }
        catch (Exception exception) // whatever it is, it is the caller's: the loop and everybody else's links live on
        {
            Fail(exception);
        }
    }

    public void Abandon(MessagingException reason) => Fail(reason);

    /// <summary>A caller that has stopped waiting must not leave an unobserved exception behind.</summary>
    private void Fail(Exception exception)
    {
        _result.TrySetException(exception);
        _ = _result.Task.Exception;
    }
}
