using Messaging.Amqp;

namespace Messaging.Client;

/// <summary>What callers of a sender wait for: credit, drains, outcomes. Without a token each wait has the operation time-out.</summary>
internal sealed partial class Sender
{
    public ValueTask WaitForCreditAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        return HasCreditOrDrain
            ? ValueTask.CompletedTask
            : WaitUntilAsync(static sender => sender._credit.Changed, static sender => sender.HasCreditOrDrain, "the peer gave no credit", cancellationToken);
    }

    public ValueTask WaitForDrainAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        return IsDrainRequested
            ? ValueTask.CompletedTask
            : WaitUntilAsync(static sender => sender._credit.DrainAsked, static sender => sender.IsDrainRequested, "the peer asked for no drain", cancellationToken);
    }

    public async ValueTask DrainedAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfEnded();
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        CancellationToken bound = timeout?.Token ?? cancellationToken;
        try
        {
            Task answered = await Loop.InvokeAsync(AnswerDrain).WaitAsync(bound).ConfigureAwait(false);
            await answered.WaitAsync(bound).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout is { IsCancellationRequested: true })
        {
            throw WaitedTooLong("what was sent before the answer to the drain was not written");
        }
    }

    private bool HasCreditOrDrain => Credit > 0 || _credit.IsDrainRequested;

    /// <param name="next">Completes at the next change; taken before looking.</param>
    /// <param name="isThere">Whether the wait is over.</param>
    /// <param name="missing">What did not happen, for the error.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    private async ValueTask WaitUntilAsync(Func<Sender, Task> next, Func<Sender, bool> isThere, string missing, CancellationToken cancellationToken)
    {
        using CancellationTokenSource? timeout = cancellationToken.CanBeCanceled ? null : Loop.OperationTimeout();
        try
        {
            while (true)
            {
                ThrowIfEnded();
                Task change = next(this);
                if (isThere(this))
                    return;
                await change.WaitAsync(timeout?.Token ?? cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (timeout is { IsCancellationRequested: true })
        {
            throw WaitedTooLong(missing);
        }
    }

    private TimeoutException WaitedTooLong(string missing) =>
        new($"{Description}: {missing} within {Loop.Settings.OperationTimeout}. Pass a token to wait longer, or raise OperationTimeout.");

    /// <summary>An outcome that a batch waits for. A peer that goes on settling may take as long as it likes; one that stops does not hold the caller for ever.</summary>
    private async ValueTask<Outcome> OutcomeAsync(TrackedSend send, CancellationToken cancellationToken)
    {
        TimeSpan limit = cancellationToken.CanBeCanceled ? Timeout.InfiniteTimeSpan : Loop.Settings.OperationTimeout;
        try
        {
            return await send.Outcome.WaitAsync(limit, Loop.Settings.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new DeliveryInDoubtException(
                $"{Description}: a message of the batch was sent and the peer did not settle it within {limit}; its outcome is unknown, and so may be those of the messages behind it. Pass a token to wait longer.",
                isTransient: true);
        }
    }
}
