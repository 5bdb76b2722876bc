using Messaging.Amqp;

namespace Messaging.Broker.Links;

/// <summary>One link's hold on its state, until it has ended and everything that it brought is done with.</summary>
internal sealed class LinkLease(LinkStates states, LinkState state, TimeSpan timeout)
{
    /// <summary>What a link is told whose state another one has.</summary>
    public static readonly AmqpError Stolen = new(ErrorCondition.Stolen, "the link was attached again on another connection");

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stolen = new();

    public LinkState State => state;

    public bool IsStolen => _stolen.IsCancellationRequested;

    /// <summary>How long the state is kept after the link.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>Completes when the state is free.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Another link takes the state over: this one is to end. A connection that is dead may look alive for long.</summary>
    public void Steal() => _stolen.Cancel();

    /// <summary>Ends the link when the state is taken from it.</summary>
    public void Watch(ILink link) => _stolen.Token.Register(() => _ = LinkLife.CloseNowAsync(link, Stolen));

    /// <summary>Gives the state back.</summary>
    /// <param name="reason">How the link has ended; null when it was never attached.</param>
    public void Release(CloseReason? reason)
    {
        bool isOver = reason is { IsClosedByPeer: true } or { Initiator: CloseInitiator.Local } && !IsStolen;
        states.Release(this, isKept: !isOver);
        _ended.TrySetResult();
    }
}
