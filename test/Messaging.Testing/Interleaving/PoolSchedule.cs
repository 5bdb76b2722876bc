namespace Messaging.Testing.Interleaving;

/// <summary>The thread pool decides what runs when: as in an application, and never twice the same.</summary>
/// <param name="time">The clock of the bounds.</param>
public sealed class PoolSchedule(TimeProvider time) : ISchedule
{
    public TimeProvider Time => time;

    public void Begin(Action call) => call();

    public async Task TurnsAsync(int turns, Task? until = null)
    {
        for (int i = 0; i < turns && until is not { IsCompleted: true }; i++)
            await Task.Run(static () => { });
    }

    public Task UntilAsync(Task end, TimeSpan bound) => end.WaitAsync(bound, time, TestContext.Current.CancellationToken);

    public void Note(string what)
    {
    }
}
