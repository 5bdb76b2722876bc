using System.Collections.Concurrent;
using Polly;

namespace Messaging.Tests.Recovery;

/// <summary>Runs several attempts at once, takes the first success, and leaves the others to themselves.</summary>
internal sealed class Hedging : ResilienceStrategy
{
    public const int AtOnce = 3;

    private readonly ConcurrentQueue<Task> _running = new();
    private int _succeeded;

    /// <summary>The attempts that ended without an exception.</summary>
    public int Succeeded => Volatile.Read(ref _succeeded);

    /// <summary>Returns when none that was started runs any more.</summary>
    public Task AllEndedAsync() => Task.WhenAll(_running).Bounded();

    protected override async ValueTask<Polly.Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        List<Task<Polly.Outcome<TResult>>> attempts = [.. Enumerable.Range(0, AtOnce).Select(_ => RunAsync(begin.Task, callback, context.CancellationToken, state))];
        attempts.ForEach(_running.Enqueue); // before one of them can have an effect
        begin.SetResult();
        while (true)
        {
            Task<Polly.Outcome<TResult>> ended = await Task.WhenAny(attempts);
            Polly.Outcome<TResult> outcome = await ended;
            attempts.Remove(ended);
            if (outcome.Exception is null || attempts.Count == 0)
                return outcome;
        }
    }

    private async Task<Polly.Outcome<TResult>> RunAsync<TResult, TState>(Task begin, Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, CancellationToken stop, TState state)
    {
        await begin;
        Polly.Outcome<TResult> outcome = await callback(ResilienceContextPool.Shared.Get(stop), state);
        if (outcome.Exception is null)
            Interlocked.Increment(ref _succeeded);
        return outcome;
    }
}

/// <summary>Runs each attempt again when it has succeeded.</summary>
internal sealed class Repeating : ResilienceStrategy
{
    public int Succeeded { get; private set; }

    protected override async ValueTask<Polly.Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        Polly.Outcome<TResult> outcome = default;
        for (int i = 0; i < 2; i++)
        {
            outcome = await callback(context, state);
            outcome.ThrowIfException();
            Succeeded++;
        }

        return outcome;
    }
}

/// <summary>Throws something of its own, in place of the attempt or behind it.</summary>
internal sealed class Failing(Exception exception, bool after = false) : ResilienceStrategy
{
    protected override async ValueTask<Polly.Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        if (after)
            await callback(context, state);
        throw exception;
    }
}

/// <summary>Begins an attempt that nothing cancels, and ends without it.</summary>
internal sealed class Leaving(CancellationToken stop) : ResilienceStrategy
{
    private readonly TaskCompletionSource _leave = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Task> _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The attempt that is left behind.</summary>
    public Task Left => _left.Task.Unwrap();

    public void Leave() => _leave.TrySetResult();

    protected override async ValueTask<Polly.Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        _left.TrySetResult(Task.Run(async () => (await callback(ResilienceContextPool.Shared.Get(stop), state)).ThrowIfException(), stop));
        await _leave.Task.Bounded();
        throw new InvalidOperationException("left");
    }
}

/// <summary>Cancels the first attempt when the test says so, as a limit of time would, and makes another one.</summary>
internal sealed class GivingUpOnce : ResilienceStrategy
{
    private readonly TaskCompletionSource _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void GiveUp() => _givenUp.TrySetResult();

    protected override async ValueTask<Polly.Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Polly.Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        ValueTask<Polly.Outcome<TResult>> first = callback(ResilienceContextPool.Shared.Get(stop.Token), state);
        await _givenUp.Task.Bounded();
        await stop.CancelAsync();
        Assert.IsAssignableFrom<OperationCanceledException>((await first).Exception);
        return await callback(context, state);
    }
}
