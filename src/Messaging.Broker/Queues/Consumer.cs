using Messaging.Amqp;

namespace Messaging.Broker.Queues;

/// <summary>How an attempt to hand a message over went.</summary>
internal enum HandOver
{
    Done,
    NoCredit,
    TooLarge,
    Gone,
}

/// <summary>A link by which a peer receives from a queue. Everything runs on the queue's turn, save the watches, which only post.</summary>
internal sealed class Consumer(Queue queue, ISender sender)
{
    private static readonly CancellationTokenSource Never = new(); // the link's end ends its waits, no time-out does

    private LinkedListNode<Consumer>? _place;
    private Refuser? _refuser;
    private bool _isWatchingCredit;
    private bool _isAnswering;
    private bool _isDrainSeen;
    private bool _isGone;

    public string LinkName => sender.Name;

    /// <summary>What the messages remember that must not go to it.</summary>
    public Refuser Refuser => _refuser ??= new Refuser(this);

    /// <summary>What it has and has not settled.</summary>
    public MessageList Unsettled { get; } = new();

    /// <summary>Its place in the ring of those with credit.</summary>
    public LinkedListNode<Consumer> Place => _place ??= new LinkedListNode<Consumer>(this);

    /// <summary>Whether it is in the ring.</summary>
    public bool IsReady => _place?.List is not null;

    /// <summary>Whether a drain was asked for and its answer is not on its way.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Whether it may get a message: not while the answer to a drain is under way.</summary>
    public bool CanTake => !_isGone && !_isAnswering && !Refuser.IsAtLimit && sender.Credit > 0;

    /// <summary>Why the last hand-over failed.</summary>
    public string? Failure { get; private set; }

    public void MarkGone()
    {
        _isGone = true;
        Refuser.Consumer = null;
    }

    /// <summary>Whether its messages count as failed attempts: the link was lost or ended with an error, not in order.</summary>
    public bool HasFailed => sender.Closed.IsCompletedSuccessfully && sender.Closed.Result is { } reason
        && (reason.Initiator == CloseInitiator.Transport || reason.Error is not null);

    /// <summary>Sends if there is credit, never without.</summary>
    public HandOver TrySend(QueuedMessage message)
    {
        if (_isGone || _isAnswering)
            return HandOver.Gone;
        try
        {
            if (!sender.TrySend(message.Message, out ISentDelivery? sent))
                return HandOver.NoCredit;
            Unsettled.Append(message);
            message.HandTo(this, sent);
            return HandOver.Done;
        }
        catch (ArgumentException exception)
        {
            Failure = exception.Message;
            return HandOver.TooLarge;
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException)
        {
            // ConsumerGone follows. Until then it still has credit, and would be tried for every message that there is.
            _isGone = true;
            return HandOver.Gone;
        }
    }

    /// <summary>Posts <see cref="QueueCommand.ConsumerReady"/> once there is credit.</summary>
    public void WatchCredit()
    {
        // A drain is answered first: its answer arms this watch again.
        if (_isWatchingCredit || _isGone || IsDraining)
            return;
        _isWatchingCredit = true;
        _ = WatchAsync(() => sender.WaitForCreditAsync(Never.Token), QueueCommand.ConsumerReady);
    }

    public void OnReady() => _isWatchingCredit = false;

    /// <summary>Posts <see cref="QueueCommand.DrainAsked"/> once a drain is asked for.</summary>
    public void WatchDrain()
    {
        if (!_isGone)
            _ = WatchAsync(() => sender.WaitForDrainAsync(Never.Token), QueueCommand.DrainAsked);
    }

    public void OnDrainAsked() => IsDraining = true;

    /// <summary>Looks at the drain before handing out what there is: a later one is not answered by this.</summary>
    public void SeeDrain() => _isDrainSeen = sender.IsDrainRequested;

    /// <summary>Everything was handed out: gives the credit back, if it is still asked for. Posts <see cref="QueueCommand.DrainAnswered"/> when that is done.</summary>
    public void AnswerDrain()
    {
        if (_isGone)
            return;
        _isAnswering = true;
        _ = WatchAsync(() => _isDrainSeen ? sender.DrainedAsync(Never.Token) : ValueTask.CompletedTask, QueueCommand.DrainAnswered);
    }

    public void OnDrainAnswered()
    {
        _isAnswering = false;
        IsDraining = false;
    }

    /// <param name="change">Begins the wait; on a link that has ended already it throws instead.</param>
    /// <param name="then">What to post when it is over.</param>
    private async Task WatchAsync(Func<ValueTask> change, QueueCommand then)
    {
        try
        {
            await change().ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MessagingException or ObjectDisposedException)
        {
            // The link has ended: ConsumerGone tells the queue.
            return;
        }

        queue.Post(then, this);
    }
}
