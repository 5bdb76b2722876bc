using Messaging.Amqp.Engine;

namespace Messaging.Client;

/// <summary>The graceful end of a receiver: no more messages come, what was not handed out goes back, the rest may be settled. Runs on the loop.</summary>
internal sealed partial class Receiver
{
    private TaskCompletionSource? _stopped;
    private int _released;
    private int _lost;

    public override LinkRemains Remains => new(Unsettled: (Reason is null ? _link?.Unsettled ?? 0 : 0) + _lost, Released: _released);

    /// <returns>A task that completes when the application has settled everything that it was handed.</returns>
    private Task BeginStop()
    {
        _stopped ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_link is { IsAttached: true, Credit: > 0 })
            _link.SetCredit(_link.Credit, drain: true);
        GoOnStopping();
        return _stopped.Task;
    }

    /// <summary>What the application has in its hands and cannot settle any more is not finished, from the moment on in which the connection's end is wanted.</summary>
    private void CountLost(int unsettled) => _lost += (_stopped is null ? Session.Owner.IsStopping : !_stopped.Task.IsCompleted) ? unsettled : 0;

    private void GoOnStopping()
    {
        if (_stopped is null)
            return;
        ReleaseBuffered();
        if (_link is not { IsAttached: true } || _link is { Credit: 0, Unsettled: 0 })
            _stopped.TrySetResult();
    }
}
